import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { UserError } from '../../core/errors.ts'
import { releaseDynoId } from '../../core/release-command.ts'
import { type Duration, seconds } from '../../core/time.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { lineEvents, outputPosition } from '../output-position.ts'
import { EVENT_HEARTBEAT, stream, until } from '../stream-reply.ts'
import { capabilitiesOf } from '../stream-url.ts'

/** How long output is waited for that did not begin yet; clients give up after 60 s of silence. */
const START_WAIT: Duration = seconds(30)

/**
 * Output of builds and release commands, as text or as events, from its beginning or from where a client was cut off.
 * What is about to start is waited for.
 */
export function outputRoutes(api: Api, context: ApiContext, closing: AbortSignal): void {
  const { builds, releases } = context.ledger.read
  const kinds = [
    { kind: 'builds', nouns: builds, transcriptOf: (id: string) => id },
    { kind: 'releases', nouns: releases, transcriptOf: releaseDynoId },
  ]
  for (const { kind, nouns, transcriptOf } of kinds) {
    api.get(
      `/streams/apps/:app/${kind}/:id`,
      {
        config: { access: 'capability' },
        schema: { hide: true, params: Type.Object({ app: Type.String(), id: Type.String() }) },
      },
      async (request, reply) => {
        capabilitiesOf(context).check(request)
        const { app, id } = request.params
        const signal = until(reply, closing)
        const transcript = transcriptOf(id)
        if ((await nouns.byId(app, id))?.status === 'pending') await beginning(context, transcript, signal)
        return sendOutput(context, transcript, { request, reply, signal })
      },
    )
  }
}

async function beginning({ transcripts }: ApiContext, id: string, signal: AbortSignal): Promise<void> {
  await transcripts.begun(id, AbortSignal.any([signal, AbortSignal.timeout(START_WAIT)]))
}

async function sendOutput(
  { transcripts }: ApiContext,
  id: string,
  { request, reply, signal }: { request: FastifyRequest; reply: FastifyReply; signal: AbortSignal },
): Promise<FastifyReply> {
  const { offset, isRange, isEvents } = outputPosition(request.headers)
  const size = await transcripts.finalSize(id)
  if (size !== undefined && offset > 0 && offset >= size) return nothingMore(reply, { size, isEvents })
  const output = await transcripts.read(id, offset, signal)
  if (!output)
    throw new UserError('not_found', 'There is no output yet. Try again in a moment.', { resource: 'stream' })
  if (isEvents) {
    const options = { signal, hasEnd: true, heartbeat: EVENT_HEARTBEAT }
    return stream(reply.type('text/event-stream'), lineEvents(output, offset), options)
  }
  if (isRange) reply.code(206).header('content-range', contentRange(offset, size))
  return stream(reply.type('text/plain; charset=utf-8'), output, { signal, hasEnd: true })
}

/** An event source takes a 204 as the end; a range that begins where the output ends cannot be satisfied. */
function nothingMore(
  reply: FastifyReply,
  { size, isEvents }: { size: number; isEvents: boolean },
): FastifyReply {
  if (isEvents) return reply.code(204).send()
  return reply.code(416).header('content-range', `bytes */${size}`).type('text/plain').send('')
}

/** The end of what still grows is said as RFC 8673 has it: the largest number, of an unknown whole. */
function contentRange(offset: number, size: number | undefined): string {
  return size === undefined
    ? `bytes ${offset}-${Number.MAX_SAFE_INTEGER}/*`
    : `bytes ${offset}-${size - 1}/${size}`
}
