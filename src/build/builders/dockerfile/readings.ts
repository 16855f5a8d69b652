/** One instruction as an engine reads it: what continues it is joined. */
export interface LogicalLine {
  /** Its first line, from 1. */
  line: number
  text: string
}

interface Reading {
  /** The character that continues a line. */
  continues: '\\' | '`'
  /** Whether two of them at the end of a line continue it, too, as they did before Docker 20.10. */
  doubleContinues: boolean
  /** Whether a comment within an instruction may be indented. */
  indentsComments: boolean
}

/** A directive that may choose the other character, whether or not it stands where an engine heeds it. */
const MAY_CHOOSE = /^\s*#.*escape.*`/im

/**
 * A Dockerfile in every way in which some engine may read its lines: so whoever looks for what it must not say need not
 * know which engine that is. Here-documents are taken for instructions, as the classic builder does.
 * Source: `frontend/dockerfile/parser/parser.go` of BuildKit, versions 0.6 to 0.12.
 */
export function readingsOf(dockerfile: string): readonly (readonly LogicalLine[])[] {
  const lines = dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)
  const characters = MAY_CHOOSE.test(dockerfile) ? (['\\', '`'] as const) : (['\\'] as const)
  return characters.flatMap(continues =>
    [true, false].flatMap(doubleContinues =>
      [true, false].map(indentsComments => read(lines, { continues, doubleContinues, indentsComments })),
    ),
  )
}

function read(lines: readonly string[], reading: Reading): readonly LogicalLine[] {
  const logical: LogicalLine[] = []
  let open: { line: number; parts: string[] } | undefined
  const close = (): void => {
    if (open) logical.push({ line: open.line, text: open.parts.join('') })
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

/** What Go calls space, which is a character more than what JavaScript does. */
const LEADING_SPACE = /^[\s\u0085]+/

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
