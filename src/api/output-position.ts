import type { IncomingHttpHeaders } from 'node:http'

/** Where a client wants a stream of bytes to begin, and how it wants them. */
export interface OutputPosition {
  offset: number
  isRange: boolean
  isEvents: boolean
}

/** `Range: bytes=120-` for text, `Last-Event-ID: 120` for events; everything from the beginning otherwise. */
export function outputPosition(headers: IncomingHttpHeaders): OutputPosition {
  const isEvents = headers.accept?.includes('text/event-stream') ?? false
  const last = String(headers['last-event-id'] ?? '')
  if (isEvents) return { offset: /^\d{1,15}$/.test(last) ? Number(last) : 0, isRange: false, isEvents }
  // Open at its end, or as RFC 8673 writes that.
  const start = /^bytes=(\d{1,15})-(9007199254740991)?$/.exec(headers.range ?? '')?.[1]
  return { offset: Number(start ?? 0), isRange: start !== undefined, isEvents }
}

/** One event a line; its id is the place right after it, so that the next one begins there. */
export async function* lineEvents(output: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  let at = offset
  for await (const chunk of output) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      at += end + 1
      yield event(at, rest.toString('utf8', 0, end))
      rest = rest.subarray(end + 1)
    }
  }
  if (rest.length > 0) yield event(at + rest.length, rest.toString('utf8'))
}

/** A carriage return would end a field. */
function event(id: number, line: string): string {
  const data = line.replace(/\r$/, '').split('\r')
  return `id: ${id}\n${data.map(part => `data: ${part}\n`).join('')}\n`
}
