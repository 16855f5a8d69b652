import type { Duplex } from 'node:stream'
import type { Duration } from '../core/time.ts'
import type { Deadlines, Timed } from './deadlines.ts'

export interface Joined {
  client: Duplex
  backend: Duplex
  deadlines: Deadlines
  /** Both are closed after this long without a byte in either direction. */
  idle: Duration
}

export interface JoinEnd {
  /** Bytes that went to the client. */
  bytes: number
  wasIdle: boolean
}

/**
 * Carries bytes between two upgraded sockets, with back-pressure, until either is gone.
 * Returns the way to close both; `onEnd` is called once, whatever ends them.
 */
export function joinSockets(
  { client, backend, deadlines, idle }: Joined,
  onEnd: (end: JoinEnd) => void,
): () => void {
  let bytes = 0
  let isOver = false
  const entry: Timed = { deadline: performance.now() + idle, slot: -1, expire: () => finish(true) }
  const finish = (wasIdle: boolean) => {
    if (isOver) return
    isOver = true
    deadlines.forget(entry)
    client.destroy()
    backend.destroy()
    onEnd({ bytes, wasIdle })
  }
  const carry = (from: Duplex, to: Duplex, count: (length: number) => void) => {
    from.on('data', (chunk: Buffer) => {
      entry.deadline = performance.now() + idle
      count(chunk.length)
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
    from.on('end', () => to.end())
    from.on('error', () => finish(false))
    from.on('close', () => finishAfter(to))
    from.resume()
  }
  // What one side sent before it closed still reaches the other.
  const finishAfter = (other: Duplex) => {
    if (other.writableFinished || other.destroyed) return finish(false)
    other.end(() => finish(false))
  }
  deadlines.watch(entry)
  carry(client, backend, () => {})
  carry(backend, client, length => {
    bytes += length
  })
  return () => finish(false)
}

/** The head of the answer that hands a connection over, in the app's own words. */
export function switchingProtocols(headers: readonly string[], upgrade: string): string {
  let head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n`
}
