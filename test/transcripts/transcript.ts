/** A command of a transcript and what a terminal showed for it. */
export interface Exchange {
  command: string
  lines: readonly string[]
}

/**
 * Reads a transcript: `$ command` lines, each followed by what it printed, errors included, and by `[exit 1]` when it
 * ended so. Lines before the first command are for people.
 */
export function parseTranscript(text: string): Exchange[] {
  const parts = text.split(/^\$ /m).slice(1)
  return parts.map(part => {
    const [command = '', ...lines] = part.replace(/\n$/, '').split('\n')
    return { command, lines }
  })
}

/** An exchange as a transcript has it. */
export function written({ command, lines }: Exchange): string {
  return [`$ ${command}`, ...lines].join('\n')
}

/** What stands for text that is another every time. One with a number is the same text wherever it stands. */
const KINDS: Readonly<Record<string, string>> = {
  port: '\\d+',
  // With the spaces that fill its column: "1 second ago" is shorter than "2 seconds ago".
  ago: '\\d+ (?:second|minute)s? ago *',
  hash: '[0-9a-f]{7}',
  // The beginning of one, or the rest.
  digest: '[0-9a-f]{12}(?:[0-9a-f]{40})?',
  id: '[0-9a-f-]{36}',
  token: 'tmk_[\\w-]+',
  size: '[\\d.]+(?:kB|MB)',
  run: 'run\\.\\d+',
  addon: '[a-z]+-[a-z]+-\\d{5}',
  when: '\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\+0000 \\(~ \\d+[smh] ago\\)',
  rule: '─+',
  data: '/\\S+',
  // With the spaces that fill its column.
  bytes: '[\\d.]+ [kMGT]B *',
  date: '\\d{4}-\\d\\d-\\d\\d',
  moment: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  time: '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+\\+00:00',
  version: '\\d+\\.\\d+',
  url: '[a-z]+://\\S+',
  day: '[A-Z][a-z]{2} [A-Z][a-z]{2} \\d\\d \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\\+0000 \\(Coordinated Universal Time\\)',
}

/**
 * What was printed, in the transcript's own words wherever it fits them, so that an equal text means equal output.
 * A line `...` of the transcript stands for any number of lines.
 */
export class Reading {
  readonly #bound = new Map<string, string>()

  /** A command with the texts that its names were found to stand for. */
  filledIn(command: string): string {
    return command.replace(/\{([a-z]+\d)\}/g, (name, bare: string) => this.#bound.get(bare) ?? name)
  }

  inWordsOf(expected: readonly string[], printed: readonly string[]): string[] {
    const [first, ...others] = expected
    if (first === undefined || (printed.length === 0 && first !== '...')) return [...printed]
    if (first === '...') {
      const end =
        others[0] === undefined
          ? printed.length
          : printed.findIndex(line => this.#fits(others[0] ?? '', line))
      return end < 0 ? [...printed] : ['...', ...this.inWordsOf(others, printed.slice(end))]
    }
    const [line = '', ...rest] = printed
    return [this.#fits(first, line) ? first : line, ...this.inWordsOf(others, rest)]
  }

  #fits(expected: string, line: string): boolean {
    const names: string[] = []
    const pattern = expected.split(/(\{[a-z]+\d*\})/).map(part => {
      const name = /^\{([a-z]+\d*)\}$/.exec(part)?.[1]
      const kind = name && KINDS[name.replace(/\d+$/, '')]
      if (!name || !kind) return literal(part)
      const bound = this.#bound.get(name)
      if (bound !== undefined) return literal(bound)
      names.push(name)
      return `(${kind})`
    })
    const found = new RegExp(`^${pattern.join('')}$`).exec(line)
    if (!found) return false
    for (const [index, name] of names.entries()) {
      if (/\d$/.test(name)) this.#bound.set(name, found[index + 1] ?? '')
    }
    return true
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
