import { Type } from '@sinclair/typebox'
import { type DynoSelection, restartDynos } from '../../actions/restart-dynos.ts'
import { runDyno } from '../../actions/run-dyno.ts'
import { stopDynos } from '../../actions/stop-dynos.ts'
import type { Dyno } from '../../core/dyno.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { isUuid } from '../../core/id.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentDyno } from '../presenters/formation.ts'
import { DynoParams, DynoShape, NewDyno, TypeParams } from '../schema/formation.ts'
import { AppParams, Empty } from '../schema/shapes.ts'

export function dynoRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const tags = ['dyno']

  api.get(
    '/apps/:app/dynos',
    {
      schema: {
        tags,
        summary: 'Dynos that run',
        params: AppParams,
        response: { 200: Type.Array(DynoShape) },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      return (await ledger.read.dynos.list(app.id)).map(dyno => presentDyno(app, dyno))
    },
  )

  api.get(
    '/apps/:app/dynos/:dyno',
    { schema: { tags, summary: 'One dyno', params: DynoParams, response: { 200: DynoShape } } },
    async request => {
      const app = await appFor(context, request, 'view')
      const dyno = await findDyno(ledger, app.id, request.params.dyno)
      if (!dyno) throw notFound('dyno')
      return presentDyno(app, dyno)
    },
  )

  runRoute(api, context)
  changeRoutes(api, context)
}

function runRoute(api: Api, context: ApiContext): void {
  const tags = ['dyno']
  api.post(
    '/apps/:app/dynos',
    {
      schema: {
        tags,
        summary: 'Run a one-off dyno',
        params: AppParams,
        body: NewDyno,
        response: { 201: DynoShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      const { command, attach, env, size, type } = request.body
      if (attach) {
        throw invalid(
          'A one-off dyno cannot be attached to a terminal on this platform. Use run:detached, and read its output with logs --dyno.',
        )
      }
      const dyno = await runDyno(context.ledger, request.account, app.id, {
        command,
        environment: environmentOf(env ?? {}),
        ...(size && { size }),
        ...(type && { type }),
      })
      reply.code(201)
      return presentDyno(app, dyno)
    },
  )
}

/** Restarting and stopping: of all dynos, a type's, or one. */
function changeRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const accepted = { tags: ['dyno'], response: { 202: Empty } }

  api.delete(
    '/apps/:app/dynos',
    { schema: { ...accepted, summary: 'Restart all dynos', params: AppParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      await restartDynos(ledger, request.account, app.id, { all: true })
      return reply.code(202).send({})
    },
  )

  api.delete(
    '/apps/:app/dynos/:dyno',
    { schema: { ...accepted, summary: 'Restart a dyno', params: DynoParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      await restartDynos(
        ledger,
        request.account,
        app.id,
        await selectDyno(ledger, app.id, request.params.dyno),
      )
      return reply.code(202).send({})
    },
  )

  api.post(
    '/apps/:app/dynos/:dyno/actions/stop',
    { schema: { ...accepted, summary: 'Stop a dyno', params: DynoParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      await stopDynos(ledger, request.account, app.id, await selectDyno(ledger, app.id, request.params.dyno))
      return reply.code(202).send({})
    },
  )

  typeRoutes(api, context)
}

function typeRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const accepted = { tags: ['dyno'], response: { 202: Empty } }

  api.delete(
    '/apps/:app/formations/:type',
    { schema: { ...accepted, summary: "Restart a type's dynos", params: TypeParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      await restartDynos(ledger, request.account, app.id, { type: request.params.type })
      return reply.code(202).send({})
    },
  )

  api.post(
    '/apps/:app/formations/:type/actions/stop',
    { schema: { ...accepted, summary: "Stop a type's dynos", params: TypeParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      await stopDynos(ledger, request.account, app.id, { type: request.params.type })
      return reply.code(202).send({})
    },
  )
}

async function findDyno(ledger: Ledger, appId: string, identity: string): Promise<Dyno | undefined> {
  return (await ledger.read.dynos.list(appId)).find(dyno => dyno.name === identity || dyno.id === identity)
}

/** A name may be that of a place where no dyno stands at the moment; an id is always that of a dyno. */
async function selectDyno(ledger: Ledger, appId: string, identity: string): Promise<DynoSelection> {
  if (!isUuid(identity)) return { name: identity }
  const dyno = await findDyno(ledger, appId, identity)
  if (!dyno) throw notFound('dyno')
  return { name: dyno.name }
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Clients send the size of the terminal as numbers. */
function environmentOf(env: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) => {
    if (!VARIABLE.test(name))
      throw invalid(`Variable name ${JSON.stringify(name)} is invalid. Use letters, digits and underscores.`)
    if (!['string', 'number', 'boolean'].includes(typeof value) || String(value).includes('\0')) {
      throw invalid(`Variable ${name} must be a string without NUL characters.`)
    }
    return [name, String(value)] as const
  })
  return Object.fromEntries(entries)
}
