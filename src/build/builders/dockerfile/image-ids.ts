import { type PossibleValues, possibleValues } from './possible-values.ts'
import { type LogicalLine, readingsOf } from './readings.ts'

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
const SPACE = /[\s\u0085]+/
const MARKS = /[\\`'"]/g
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

/** What names mean in one reading of a Dockerfile, from its beginning to where it is read. */
class Names {
  readonly bases = new Set<string>()
  readonly #variables: Map<string, PossibleValues>
  readonly #stages = new Set<string>()
  #hasStage = false
  /** A variable's own name is made of variables. */
  #isUnclear = false

  constructor(buildArguments: Readonly<Record<string, string>>) {
    this.#variables = new Map(Object.entries(buildArguments).map(([name, value]) => [name, new Set([value])]))
  }

  findId(lines: readonly LogicalLine[]): NamedById | undefined {
    for (const { line, text } of lines) {
      const { keyword, rest } = parted(text)
      if (keyword === 'ARG' && !this.#hasStage) this.#declare(rest)
      const found = keyword === 'FROM' ? this.#from(rest) : keyword === 'COPY' ? this.#copy(rest) : undefined
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
      const key = name.replace(MARKS, '')
      const before = this.#variables.get(key)
      const values = possibleValues(value, this.#variables)
      this.#variables.set(
        key,
        before === null || values === null ? null : new Set([...(before ?? []), ...values]),
      )
    }
  }

  /** `--platform=linux/amd64 node:22 AS build` */
  #from(text: string): Omit<NamedById, 'line'> | undefined {
    this.#hasStage = true
    const words = text.split(SPACE).filter(word => word !== '' && !word.startsWith('--'))
    const stage = words.at(-2)?.toLowerCase() === 'as' ? words.splice(-2)[1]?.toLowerCase() : undefined
    const found = words.map(word => this.#asId(word)).find(found => found !== undefined)
    if (stage !== undefined) this.#stages.add(stage)
    return found
  }

  #asId(named: string): Omit<NamedById, 'line'> | undefined {
    const values = this.#isUnclear && named.includes('$') ? null : possibleValues(named, this.#variables)
    if (values === null) return { named, isUnclear: true }
    for (const value of values) if (value !== '') this.bases.add(value)
    const isId = [...values].some(value => ID.test(value) && !this.#stages.has(value))
    return isId ? { named, isUnclear: false } : undefined
  }

  /** `--from=build --chown=app /app /app` */
  #copy(text: string): Omit<NamedById, 'line'> | undefined {
    for (const [, named = ''] of text.replace(MARKS, '').matchAll(ID_IN_FLAG))
      if (!this.#stages.has(named) && !isStageNumber(named)) return { named, isUnclear: false }
    return undefined
  }
}

/** An engine reads it as the number of a stage, and as nothing else. */
function isStageNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text)
}

/** An instruction's keyword, in capitals, and what follows. What ONBUILD puts off is done one day, too. */
function parted(text: string): { keyword: string; rest: string } {
  const [, keyword = '', rest = ''] =
    /^[\s\u0085]*(?:ONBUILD[\s\u0085]+)*(\S+)[\s\u0085]*(.*)$/is.exec(text) ?? []
  return { keyword: keyword.toUpperCase(), rest }
}
