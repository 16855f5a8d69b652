import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import { UserError } from '../../core/errors.ts'
import { type Duration, seconds } from '../../core/time.ts'
import type { LogFilter } from '../../logs/filter.ts'
import { formatLine, type LogLine } from '../../logs/line.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { lineId, sessionLines } from '../log-stream.ts'
import { capabilitiesOf } from '../stream-url.ts'

const HEARTBEAT: Duration = seconds(15)
/** How long output is waited for that did not begin yet; clients give up after 60 s of silence. */
const START_WAIT: Duration = seconds(30)

const config = { access: 'capability' as const }

/** What capability URLs lead to: output of builds and release commands, and logs. */
export function streamRoutes(api: Api, context: ApiContext): void {
  const closing = new AbortController()
  api.addHook('onClose', async () => closing.abort())
  outputRoutes(api, context, closing.signal)
  logRoute(api, context, closing.signal)
}

/** Output of builds and release commands. What is about to start is waited for. */
function outputRoutes(api: Api, context: ApiContext, closing: AbortSignal): void {
  const { builds, releases } = context.ledger.read
  for (const [kind, nouns] of [
    ['builds', builds],
    ['releases', releases],
  ] as const) {
    api.get(
      `/streams/apps/:app/${kind}/:id`,
      { config, schema: { hide: true, params: Type.Object({ app: Type.String(), id: Type.String() }) } },
      async (request, reply) => {
        capabilitiesOf(context).check(request)
        const { app, id } = request.params
        const signal = until(reply, closing)
        const isPending = (await nouns.byId(app, id))?.status === 'pending'
        if (isPending)
          await context.transcripts.begun(id, AbortSignal.any([signal, AbortSignal.timeout(START_WAIT)]))
        const output = await context.transcripts.read(id, 0, signal)
        if (!output)
          throw new UserError('not_found', 'There is no output yet. Try again in a moment.', {
            resource: 'stream',
          })
        return stream(reply.type('text/plain; charset=utf-8'), output, signal)
      },
    )
  }
}

function logRoute(api: Api, context: ApiContext, closing: AbortSignal): void {
  api.get(
    '/streams/apps/:app/logs',
    {
      config,
      schema: {
        hide: true,
        params: Type.Object({ app: Type.String() }),
        querystring: Type.Object({
          lines: Type.String(),
          tail: Type.Optional(Type.String()),
          dyno: Type.Optional(Type.String()),
          source: Type.Optional(Type.String()),
        }),
      },
    },
    async (request, reply) => {
      capabilitiesOf(context).check(request)
      const { lines, tail, dyno, source } = request.query
      const after = request.headers['last-event-id']
      const signal = until(reply, closing)
      const session = {
        appId: request.params.app,
        query: { lines: Number(lines), ...(dyno !== undefined && { dyno }), ...sourceFilter(source) },
        isTail: tail !== undefined,
        after: typeof after === 'string' ? after : undefined,
      }
      const found = sessionLines(context.logs, session, signal)
      const isEvents = request.headers.accept?.includes('text/event-stream') ?? false
      if (!isEvents) return stream(reply.type('text/plain; charset=utf-8'), texts(found), signal)
      return stream(
        reply.type('text/event-stream'),
        events(found),
        signal,
        session.isTail ? ': heartbeat\n\n' : undefined,
      )
    },
  )
}

async function* texts(lines: AsyncIterable<LogLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${formatLine(line)}\n`
}

async function* events(lines: AsyncIterable<LogLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `id: ${lineId(line)}\ndata: ${formatLine(line)}\n\n`
}

/** Another source than these two matches nothing, and is asked for by mistake at most. */
function sourceFilter(source: string | undefined): Pick<LogFilter, 'source'> {
  return source === 'app' || source === 'heroku' ? { source } : {}
}

/** Aborts when the client is gone or the API closes. */
function until(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}

/** Sends what comes until it ends or `signal` aborts, with a sign of life in between for those who watch the connection. */
function stream(
  reply: FastifyReply,
  source: AsyncIterable<string | Buffer>,
  signal: AbortSignal,
  heartbeat?: string,
): FastifyReply {
  const body = new PassThrough()
  // Headers go out at once, also while there is nothing to say yet.
  const beat = heartbeat === undefined ? undefined : setInterval(() => body.write(heartbeat), HEARTBEAT)
  if (heartbeat !== undefined) body.write(heartbeat)
  pipeline(Readable.from(source), body)
    // The client went away, or the output was cut off: either way the connection ends, which says so.
    .catch(() => body.destroy())
    .finally(() => clearInterval(beat))
  signal.addEventListener('abort', () => body.end(), { once: true })
  return reply.header('x-accel-buffering', 'no').send(body)
}
