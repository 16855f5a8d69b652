import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { type Duration, seconds } from '../core/time.ts'

const HEARTBEAT: Duration = seconds(15)

/** A sign of life in a stream of events: a comment. */
export const EVENT_HEARTBEAT = ': heartbeat\n\n'

/** Aborts when the client is gone or the API closes. */
export function until(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}

export interface StreamOptions {
  signal: AbortSignal
  /** A sign of life in between, for those who watch the connection. */
  heartbeat?: string
  /** What `signal` cuts off must not look whole: the connection breaks instead of ending. */
  hasEnd?: boolean
}

/** Sends what comes until it ends or `signal` aborts. */
export function stream(
  reply: FastifyReply,
  source: AsyncIterable<string | Buffer>,
  { signal, heartbeat, hasEnd = false }: StreamOptions,
): FastifyReply {
  const body = new PassThrough()
  // Headers go out at once, also while there is nothing to say yet.
  const beat = heartbeat === undefined ? undefined : setInterval(() => body.write(heartbeat), HEARTBEAT)
  if (heartbeat !== undefined) body.write(heartbeat)
  pipeline(Readable.from(source), body)
    // The client went away, or the output was cut off: either way the connection ends, which says so.
    .catch(() => body.destroy())
    .finally(() => clearInterval(beat))
  signal.addEventListener('abort', () => (hasEnd ? body.destroy() : body.end()), { once: true })
  return reply.header('x-accel-buffering', 'no').send(body)
}
