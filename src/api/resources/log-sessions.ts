import { randomUUID } from 'node:crypto'
import type { Static } from '@sinclair/typebox'
import { hours, isoSeconds } from '../../core/time.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { LogSessionShape, NewLogSession } from '../schema/log-session.ts'
import { AppParams } from '../schema/shapes.ts'
import { apiBase, capabilitiesOf } from '../stream-url.ts'

const DEFAULT_LINES = 100

/** A log session is its URL: what to show, for how long, and a signature. */
export function logSessionRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/apps/:app/log-sessions',
    {
      schema: {
        tags: ['log-session'],
        summary: 'Read the log: the newest lines, and with tail those to come',
        params: AppParams,
        body: NewLogSession,
        response: { 201: LogSessionShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'view')
      const parameters = parametersOf(request.body)
      const path = `/streams/apps/${app.id}/logs`
      const url = capabilitiesOf(context).sign({ method: 'GET', path, lifetime: hours(1), parameters })
      const now = isoSeconds(context.clock())
      reply.code(201)
      return {
        id: randomUUID(),
        logplex_url: apiBase(context, request) + url,
        created_at: now,
        updated_at: now,
      }
    },
  )
}

function parametersOf({
  lines,
  tail,
  dyno,
  type,
  source,
}: Static<typeof NewLogSession>): Record<string, string> {
  const which = dyno ?? type
  return {
    lines: String(lines ?? DEFAULT_LINES),
    ...(tail && { tail: '1' }),
    ...(which && { dyno: which }),
    ...(source && { source }),
  }
}
