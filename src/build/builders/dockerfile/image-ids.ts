import { type Effort, either, type PossibleValues, possibleValues, unmarked } from './possible-values.ts'
import { type LogicalLine, parted, readingsOf } from './readings.ts'

/** What the FROM and `COPY --from` of a Dockerfile name. */
export interface NamedImages {
  /** Every image that it may start from: some are stages, and some are none. */
  bases: ReadonlySet<string>
  byId: NamedById | undefined
}

/** What of a Dockerfile may be an image's id. */
export interface NamedById {
  /** From 1. */
  line: number
  /** As it is written. */
  named: string
  /** Nobody can tell what it comes to: it is written in a way that engines differ about. */
  isUnclear: boolean
}

/** The least of an id is a digit: an engine takes the only image that begins so. */
const ID = /^(sha256:)?[0-9a-f]+$/
const ASCII = /^[\x20-\x7e]*$/
const SPACE = /[\s\u0085]+/
const ID_IN_FLAG = /--from=((?:sha256:)?[0-9a-f]+)(?![\w./:@-])/g

/**
 * Which images a Dockerfile names, and which of them by an id, or by the beginning of one: so it could start from an image
 * of any app, or copy out of it, without knowing its name. Stages of the Dockerfile may be called whatever they are.
 */
export function namedImages(
  dockerfile: string,
  buildArguments: Readonly<Record<string, string>>,
): NamedImages {
  const readings = readingsOf(dockerfile).map(reading => {
    const names = new Names(buildArguments)
    return { byId: names.findId(reading), bases: names.bases }
  })
  return {
    byId: readings.find(({ byId }) => byId !== undefined)?.byId,
    bases: new Set(readings.flatMap(({ bases }) => [...bases])),
  }
}

/** What a trigger that an image brings along, as `COPY --from=e73 / /x`, names by an id. */
export function namedByTrigger(trigger: string): string | undefined {
  return namedImages(trigger, {}).byId?.named
}

/** Far more than what the variables of any Dockerfile come to. */
const MAX_EFFORT = 20_000
/** An engine may have to be asked about each of them. */
export const MAX_BASES = 200

/** What is wrong with a name of which that can be said. */
export const MAY_BE_ID = 'may be the id of an image, and those of other apps have ids, too.'

/** What names mean in one reading of a Dockerfile, from its beginning to where it is read. */
class Names {
  readonly bases = new Set<string>()
  readonly #variables: Map<string, PossibleValues>
  readonly #stages = new Set<string>()
  /** The stage that has begun; null when it has no name. It is one that can be named only when the next begins. */
  #current: string | null | undefined
  readonly #effort: Effort = { left: MAX_EFFORT }
  /** A variable's own name is made of variables. */
  #isUnclear = false

  constructor(buildArguments: Readonly<Record<string, string>>) {
    this.#variables = new Map(Object.entries(buildArguments).map(([name, value]) => [name, new Set([value])]))
  }

  findId(lines: readonly LogicalLine[]): NamedById | undefined {
    for (const { line, text } of lines) {
      const { keyword, rest, isPutOff } = parted(text)
      if (keyword === 'ARG' && this.#current === undefined) this.#declare(rest)
      const found =
        keyword === 'FROM' ? this.#from(rest, isPutOff) : keyword === 'COPY' ? this.#copy(rest) : undefined
      if (found !== undefined) return { line, ...found }
    }
    return undefined
  }

  /** `A=b C="$D"`: what is declared once a stage has begun means nothing to a FROM. */
  #declare(text: string): void {
    for (const word of text.split(SPACE)) {
      const [name = '', value] = word.split(/=(.*)/s)
      if (name.includes('$')) this.#isUnclear = true
      if (value === undefined) continue
      const key = unmarked(name)
      const values = possibleValues(value, this.#variables, this.#effort)
      this.#variables.set(key, either(this.#variables.get(key), values))
    }
  }

  /** `--platform=linux/amd64 node:22 AS build` */
  #from(text: string, isPutOff: boolean): Omit<NamedById, 'line'> | undefined {
    const words = text.split(SPACE).filter(word => word !== '')
    const stage = words.at(-2)?.toLowerCase() === 'as' ? words.splice(-2)[1]?.toLowerCase() : undefined
    if (!isPutOff) this.#begin(stage ?? null)
    return words.map(word => this.#named(word)).find(found => found !== undefined)
  }

  #begin(stage: string | null): void {
    if (this.#current) this.#stages.add(this.#current)
    this.#current = stage
  }

  #named(word: string): Omit<NamedById, 'line'> | undefined {
    if (!word.startsWith('--')) return this.#asId(word)
    // An engine reads flags byte by byte, and takes some bytes of other characters for spaces.
    return ASCII.test(word) ? undefined : { named: word, isUnclear: true }
  }

  #asId(named: string): Omit<NamedById, 'line'> | undefined {
    const values =
      this.#isUnclear && named.includes('$') ? null : possibleValues(named, this.#variables, this.#effort)
    for (const value of values ?? []) if (value !== '') this.bases.add(value)
    if (values === null || this.bases.size > MAX_BASES) return { named, isUnclear: true }
    const isId = [...values].some(value => ID.test(value) && !this.#stages.has(value))
    return isId ? { named, isUnclear: false } : undefined
  }

  /** `--from=build --chown=app /app /app` */
  #copy(text: string): Omit<NamedById, 'line'> | undefined {
    for (const [, named = ''] of unmarked(text).matchAll(ID_IN_FLAG))
      if (!this.#stages.has(named) && !isStageNumber(named)) return { named, isUnclear: false }
    return undefined
  }
}

/** An engine reads it as the number of a stage, and as nothing else. */
function isStageNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text)
}
