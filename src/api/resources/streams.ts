import { Type } from '@sinclair/typebox'
import type { LogFilter } from '../../logs/filter.ts'
import { formatLine, type LogLine } from '../../logs/line.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { lineId, sessionLines } from '../log-stream.ts'
import { EVENT_HEARTBEAT, stream, until } from '../stream-reply.ts'
import { capabilitiesOf } from '../stream-url.ts'
import { outputRoutes } from './output-streams.ts'

const config = { access: 'capability' as const }

/** What capability URLs lead to: output of builds and release commands, and logs. */
export function streamRoutes(api: Api, context: ApiContext): void {
  const closing = new AbortController()
  api.addHook('onClose', async () => closing.abort())
  outputRoutes(api, context, closing.signal)
  logRoute(api, context, closing.signal)
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
      if (!isEvents) return stream(reply.type('text/plain; charset=utf-8'), texts(found), { signal })
      return stream(reply.type('text/event-stream'), events(found), {
        signal,
        ...(session.isTail && { heartbeat: EVENT_HEARTBEAT }),
      })
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
