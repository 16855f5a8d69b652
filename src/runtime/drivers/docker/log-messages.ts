/** One message of a container's log: a line, or a part of a long one. */
export interface LogMessage {
  /** As the engine writes it, to the nanosecond: `2026-01-01T00:00:00.000000000Z`. Parts of one line share it. */
  moment: string
  /** With its line feed, when it has one. */
  text: Buffer
}

const HEADER_BYTES = 8
const SPACE = 0x20

/** Takes the engine's log stream apart: frames of a header that says their length, a moment, a space and the text. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): LogMessage[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const messages: LogMessage[] = []
    let at = 0
    while (data.length - at >= HEADER_BYTES) {
      const begin = at + HEADER_BYTES
      const end = begin + data.readUInt32BE(at + 4)
      if (end > data.length) break
      const space = data.indexOf(SPACE, begin)
      messages.push({ moment: data.toString('latin1', begin, space), text: data.subarray(space + 1, end) })
      at = end
    }
    // A copy: what is kept must not hold on to the whole chunk.
    this.#rest = Buffer.from(data.subarray(at))
    return messages
  }
}

/** `moment` in milliseconds since the epoch, down to the microsecond. */
export function instantOf(moment: string): number {
  return Math.round(Date.parse(`${moment.slice(0, 19)}Z`) * 1000 + Number(moment.slice(20, 26))) / 1000
}

/** `moment` as the engine takes it for `since`. */
export function sinceOf(moment: string): string {
  return `${Date.parse(`${moment.slice(0, 19)}Z`) / 1000}.${moment.slice(20, 29)}`
}
