import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type Duration, seconds } from '../core/time.ts'
import type { Api } from './instance.ts'

/** Whoever takes longer than this to send what is not wanted any more is cut off. */
const PATIENCE = seconds(30)

/**
 * Hands bodies to the routes of `scope` as they come in, not read into memory, whatever the client calls them. An answer
 * goes out at once; many look for it only when they have sent everything, so the rest is let pass before it is ended.
 */
export function streamBodies(scope: Api, patience: Duration = PATIENCE): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  scope.addHook('onSend', async ({ raw }, reply, payload) => {
    if (raw.readableEnded || raw.destroyed || typeof payload !== 'string') return payload
    const answer = Buffer.from(payload)
    reply.header('content-length', answer.length)
    return Readable.from(thenRest(answer, raw, patience))
  })
}

/** A body, to be read as far as it is wanted: to stop before its end must not cut off who waits for the answer. */
export function asFarAsWanted(body: Readable): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false })
}

async function* thenRest(answer: Buffer, body: Readable, patience: Duration): AsyncGenerator<Buffer> {
  yield answer
  // Whoever stopped reading may not have let go of it yet: so it has a reader of its own.
  body.on('data', () => {}).resume()
  await finished(body, { signal: AbortSignal.timeout(patience) }).catch(() => body.destroy())
}
