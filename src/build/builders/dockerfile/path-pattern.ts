/** Takes one character of a path that `fits`; if it `repeats`, any number of them. */
interface Step {
  fits: (char: string) => boolean
  repeats?: boolean
  /** May be left out together with the step after it. */
  isOptional?: boolean
}

/**
 * `**` is all that is left at the end, and before a plain end (`**.log`); elsewhere it is whole directories, whether or not
 * a slash follows. Of a set not more, lest each of many brackets is compared with all that follows.
 */
const TOKEN =
  /(?<all>(?:\*\*\/?)+$|^\*\*(?=[^/*?[\]\\][^*?[\]\\]*$))|(?<directories>(?:\*\*\/?)+)|(?<star>\*)|(?<one>\?)|\[(?<set>\^?(?:\\.|[^\]\\]){1,250})\]|\\?./gsu
const MEMBER = /(\\.|[^\\])(?:-(\\.|[^\\]))?/gsu

/**
 * A pattern of paths, as Docker reads it: `**` stands for any number of directories, `*` and `?` for what is between
 * slashes, `[…]` for one of its characters. Not a regular expression, which would try all that several stars can stand
 * for, one after the other: a name of 200 characters kept one busy for seconds.
 */
export class PathPattern {
  readonly #steps: readonly Step[]

  constructor(pattern: string) {
    this.#steps = stepsOf(pattern) ?? Array.from(pattern, literal)
  }

  /** Whether it is the whole of a path, or of a directory on the way to it. Reads the path once, whatever is in the pattern. */
  covers(path: string): boolean {
    let reached = new Set<number>()
    this.#arrive(0, reached)
    for (const char of path) {
      if (char === '/' && reached.has(this.#steps.length)) return true
      const next = new Set<number>()
      for (const index of reached) this.#advance(index, char, next)
      if (next.size === 0) return false
      reached = next
    }
    return reached.has(this.#steps.length)
  }

  #advance(index: number, char: string, next: Set<number>): void {
    const step = this.#steps[index]
    if (!step?.fits(char)) return
    if (step.repeats) next.add(index)
    this.#arrive(index + 1, next)
  }

  /** Adds a step, and those that may come in its place. */
  #arrive(index: number, reached: Set<number>): void {
    reached.add(index)
    const step = this.#steps[index]
    if (step?.repeats) this.#arrive(index + 1, reached)
    if (step?.isOptional) this.#arrive(index + 2, reached)
  }
}

/** Undefined when a set in it makes no sense (`[z-a]`): then all of it is taken literally. */
function stepsOf(pattern: string): Step[] | undefined {
  const steps: Step[] = []
  for (const { 0: token, groups = {} } of pattern.matchAll(TOKEN)) {
    const { directories, all, star, one, set } = groups
    if (directories) steps.push({ fits: () => true, repeats: true, isOptional: true }, literal('/'))
    else if (all) steps.push({ fits: () => true, repeats: true })
    else if (star || one) steps.push({ fits: char => char !== '/', repeats: star !== undefined })
    else if (set) {
      const fits = memberOf(set)
      if (!fits) return undefined
      steps.push({ fits })
    } else steps.push(literal(unescaped(token)))
  }
  return steps
}

function literal(wanted: string): Step {
  return { fits: char => char === wanted }
}

function memberOf(set: string): ((char: string) => boolean) | undefined {
  const isExcluding = set.startsWith('^')
  const ranges = [...set.slice(isExcluding ? 1 : 0).matchAll(MEMBER)].map(([, first = '', last = first]) => ({
    first: codeOf(first),
    last: codeOf(last),
  }))
  if (ranges.some(({ first, last }) => first > last)) return undefined
  return char => {
    const code = codeOf(char)
    return isExcluding !== ranges.some(({ first, last }) => first <= code && code <= last)
  }
}

function codeOf(char: string): number {
  return unescaped(char).codePointAt(0) ?? 0
}

function unescaped(char: string): string {
  return char.length > 1 && char.startsWith('\\') ? char.slice(1) : char
}
