/** Longer lines are cut into pieces of at most so many bytes, each a line of its own. */
export const MAX_LINE_BYTES = 10_000

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Makes lines of the chunks a program prints: UTF-8 stays whole across chunks, and a line without end is cut. */
export class LineSplitter {
  #rest = Buffer.alloc(0)

  push(chunk: Buffer): string[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const lines: string[] = []
    for (;;) {
      const end = data.subarray(0, MAX_LINE_BYTES + 2).indexOf(NEWLINE)
      if (end >= 0 && lengthWithout(data, end) <= MAX_LINE_BYTES) {
        lines.push(data.toString('utf8', 0, lengthWithout(data, end)))
        data = data.subarray(end + 1)
      } else if (data.length > MAX_LINE_BYTES + 1) {
        const cut = characterBoundary(data, MAX_LINE_BYTES)
        lines.push(data.toString('utf8', 0, cut))
        data = data.subarray(cut)
      } else {
        // A copy: what is kept must not hold on to the whole chunk.
        this.#rest = Buffer.from(data)
        return lines
      }
    }
  }

  /** The last line, when the program ended without ending it. */
  end(): string[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    if (rest.length === 0) return []
    return rest.length <= MAX_LINE_BYTES ? [rest.toString('utf8')] : [...cutOnce(rest)]
  }
}

function cutOnce(rest: Buffer): string[] {
  const cut = characterBoundary(rest, MAX_LINE_BYTES)
  return [rest.toString('utf8', 0, cut), rest.toString('utf8', cut)]
}

function lengthWithout(data: Buffer, end: number): number {
  return end > 0 && data[end - 1] === RETURN ? end - 1 : end
}

/** The last place at or before `index` where a UTF-8 character begins; `index` itself in data that is no UTF-8. */
function characterBoundary(data: Buffer, index: number): number {
  for (let at = index; at > index - 4; at--) {
    if (((data[at] ?? 0) & 0xc0) !== 0x80) return at
  }
  return index
}
