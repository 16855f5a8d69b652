const BEGIN = /(?:^|\s)\d*<<(-?)(["']?)([\w.-]+)\2(?=\s|$)/g

/** Tells here-documents of a Dockerfile (`RUN <<EOF`) from its instructions. Only BuildKit reads them as such. */
export class HereDocuments {
  readonly #lines: Lines
  /** For `<<-`, which may be indented. */
  readonly #undented: Lines

  constructor(lines: readonly string[]) {
    this.#lines = new Lines(lines)
    this.#undented = new Lines(lines.map(line => line.replace(/^\t+/, '')))
  }

  /** How many lines there are up to the end of those that an instruction begins, itself being the first `line` of them. */
  endOf({ name, text }: { name: string; text: string }, line: number): number {
    if (!['RUN', 'COPY', 'ADD'].includes(name)) return line
    let end = line
    for (const [, dash, , word = ''] of text.matchAll(BEGIN)) {
      const last = (dash ? this.#undented : this.#lines).find(word, end)
      // Without an end it is none: a shell may mean something else.
      if (last !== undefined) end = last + 1
    }
    return end
  }
}

/** Lines of text, which are searched only for what is to be found: there may be as many searches as lines. */
class Lines {
  readonly #lines: readonly string[]
  readonly #last: ReadonlyMap<string, number>

  constructor(lines: readonly string[]) {
    this.#lines = lines
    this.#last = new Map(lines.map((line, index) => [line, index]))
  }

  /** The first line at `from` or later that is `wanted`. */
  find(wanted: string, from: number): number | undefined {
    return (this.#last.get(wanted) ?? -1) < from ? undefined : this.#lines.indexOf(wanted, from)
  }
}
