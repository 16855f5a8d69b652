import { type Parted, parted, readingsOf } from './readings.ts'

const MAY_HAVE_ONE = new Set(['RUN', 'COPY', 'ADD'])
const WORD = /(?<=[\s\u0085])\d*<<-?(?=[^<\s])(\S+)/g
/** What an engine takes away from a name, and what may be in one that is quoted. */
const MARKS = /[\\'"\s\u0085]+/g
/** Of quoted words: each is looked for in the whole file. */
const MAX_SEARCHES = 100
/** What an engine puts in for a variable may be nothing, or the beginning of a word. */
const AFTER_VARIABLE = /[-+?}]\d*<<-?[^<\s]/

/**
 * The line of the first instruction with a here-document (`RUN <<EOF`), which only BuildKit carries out. Engines from 23
 * on read it as one nevertheless, older ones as instructions: what follows it is not the same for all.
 */
export function hereDocumentIn(dockerfile: string): number | undefined {
  const ends = new Ends(dockerfile)
  for (const reading of readingsOf(dockerfile))
    for (const { line, text } of reading) if (hasOne(parted(text), ends)) return line
  return undefined
}

function hasOne({ keyword, rest }: Parted, ends: Ends): boolean {
  if (!MAY_HAVE_ONE.has(keyword) || !rest.includes('<') || isList(rest)) return false
  const words = [...` ${rest}`.matchAll(WORD)].map(([, word = '']) => word)
  // One without an end is none: a shell may mean something else, and an engine that does not gives up.
  if (words.some(word => ends.has(word))) return true
  return rest.includes('${') && (AFTER_VARIABLE.test(rest) || rest.split('<').slice(1, -1).some(isVariable))
}

function isVariable(text: string): boolean {
  return text.startsWith('${')
}

/** `["sh", "-c", "cat <<EOF"]` */
function isList(text: string): boolean {
  if (!text.startsWith('[')) return false
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every(item => typeof item === 'string')
  } catch {
    return false
  }
}

/** The lines of a Dockerfile, each of which may be the end of a here-document. */
class Ends {
  readonly #lines: ReadonlySet<string>
  readonly #text: string
  #searches = 0

  constructor(dockerfile: string) {
    const lines = dockerfile.split('\n').map(line => line.replace(MARKS, ''))
    this.#lines = new Set(lines)
    this.#text = `\n${lines.join('\n')}`
  }

  /** Whether a line may be what `word` says. What is quoted may go on in the next word. */
  has(word: string): boolean {
    const name = word.replace(MARKS, '')
    if (word.includes('$') || this.#lines.has(name)) return true
    return /['"\\]/.test(word) && (this.#searches++ > MAX_SEARCHES || this.#text.includes(`\n${name}`))
  }
}
