/** One instruction as an engine reads it: what continues it is joined. */
export interface LogicalLine {
  /** Its first line, from 1. */
  line: number
  text: string
}

export interface Reading {
  /** The character that continues a line. */
  continues: '\\' | '`'
  /** Whether two of them at the end of a line continue it, too, as they did before Docker 20.10. */
  doubleContinues: boolean
  /** Whether a comment within an instruction may be indented. */
  indentsComments: boolean
  /** Where a line ends, which may be after several carriage returns: newer engines take them all away, older ones one. */
  lineEnd: RegExp
}

export const LINE_END = /\r?\n/
const LONG_LINE_END = /\r*\n/
/** An engine takes it away from the beginning of a word. */
const BYTE_ORDER_MARK = '\uFEFF'
/** What stands for bytes that are no UTF-8: an engine takes some of them for spaces. */
const NO_CHARACTER = '\uFFFD'

/**
 * A Dockerfile in every way in which some engine may read its lines: so whoever looks for what it must not say need not
 * know which engine that is. What it may leave out, or take for a space, is left out here, or a space.
 * Source: `frontend/dockerfile/parser/parser.go` of BuildKit, versions 0.6 to 0.12.
 */
export function readingsOf(dockerfile: string): readonly (readonly LogicalLine[])[] {
  // A directive may choose the other character, wherever it has to stand for that.
  const choosable = dockerfile.includes('`') && /escape/i.test(dockerfile)
  const lineEnds = dockerfile.includes('\r\r\n') ? [LINE_END, LONG_LINE_END] : [LINE_END]
  return lineEnds.flatMap(lineEnd =>
    (choosable ? (['\\', '`'] as const) : (['\\'] as const)).flatMap(continues =>
      [true, false].flatMap(doubleContinues =>
        [true, false].map(indentsComments =>
          logicalLines(dockerfile, { lineEnd, continues, doubleContinues, indentsComments }),
        ),
      ),
    ),
  )
}

/** A Dockerfile as one engine reads it. */
export function logicalLines(dockerfile: string, reading: Reading): readonly LogicalLine[] {
  const lines = dockerfile.replace(/^\uFEFF/, '').split(reading.lineEnd)
  const logical: LogicalLine[] = []
  let open: { line: number; parts: string[] } | undefined
  const close = (): void => {
    if (!open) return
    const text = open.parts.join('').replaceAll(BYTE_ORDER_MARK, '').replaceAll(NO_CHARACTER, ' ')
    logical.push({ line: open.line, text })
    open = undefined
  }
  for (const [index, raw] of lines.entries()) {
    const line = open ? raw : raw.replace(LEADING_SPACE, '')
    if (isComment(line, reading) || line.replace(LEADING_SPACE, '') === '') continue
    const continued = withoutContinuation(line, reading)
    open ??= { line: index + 1, parts: [] }
    open.parts.push(continued ?? line)
    if (continued === undefined) close()
  }
  close()
  return logical
}

/** What Go calls space: unlike for JavaScript, a byte order mark is none, and U+0085 is. */
const LEADING_SPACE = /^(?:(?!\uFEFF)[\s\u0085])+/

function isComment(line: string, { indentsComments }: Reading): boolean {
  return (indentsComments ? line.replace(LEADING_SPACE, '') : line).startsWith('#')
}

/** A line without the character that continues it; undefined when none does. */
function withoutContinuation(line: string, { continues, doubleContinues }: Reading): string | undefined {
  const text = line.replace(/[ \t]+$/, '')
  if (!text.endsWith(continues)) return undefined
  const before = text.slice(0, -1)
  return !doubleContinues && before.endsWith(continues) ? undefined : before
}

export interface Parted {
  /** The instruction's, in capitals. */
  keyword: string
  rest: string
  /** By ONBUILD: it is done one day, too, but no stage begins with it. */
  isPutOff: boolean
}

export function parted(text: string): Parted {
  const [, onbuild = '', keyword = '', rest = ''] =
    /^[\s\u0085]*((?:ONBUILD[\s\u0085]+)*)(\S+)[\s\u0085]*(.*)$/is.exec(text) ?? []
  return { keyword: keyword.toUpperCase(), rest, isPutOff: onbuild !== '' }
}
