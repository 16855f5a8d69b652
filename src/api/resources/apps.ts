import { type Static, Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createApp } from '../../actions/create-app.ts'
import { destroyApp } from '../../actions/destroy-app.ts'
import { updateApp } from '../../actions/update-app.ts'
import type { Account } from '../../core/account.ts'
import type { App } from '../../core/app.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { settingsOf } from '../app-settings.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import { seenStates, showsState } from '../etag.ts'
import type { Api } from '../instance.ts'
import { answerPage } from '../list.ts'
import { presentApp, REGION } from '../presenters/app.ts'
import { AppShape, AppUpdateBody, NewApp } from '../schema/app.ts'
import { AppParams, identityOf } from '../schema/shapes.ts'
import { stackNamed } from '../stack.ts'

type AppBody = Static<typeof AppShape>

export function appRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const one = { tags: ['app'], params: AppParams, response: { 200: AppShape } }

  api.post(
    '/apps',
    { schema: { tags: ['app'], summary: 'Create an app', body: NewApp, response: { 201: AppShape } } },
    async (request, reply) => {
      const { name, stack } = checkNewApp(request.body)
      const app = await createApp(ledger, request.account, {
        ...(name != null && { name }),
        ...(stack != null && { stack: stackNamed(context.stacks, stack) }),
        random: context.random,
      })
      reply.code(201)
      return describeApp(context, app, request)
    },
  )

  api.get('/apps/:app', { schema: { ...one, summary: 'One app' } }, async (request, reply) => {
    const app = await appFor(context, request, 'view')
    showsState(reply, String(app.revision))
    return describeApp(context, app, request)
  })

  changeRoutes(api, context)
  listRoutes(api, context)
}

function changeRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const one = { tags: ['app'], params: AppParams, response: { 200: AppShape } }

  api.patch(
    '/apps/:app',
    { schema: { ...one, summary: 'Change an app', body: AppUpdateBody } },
    async request => {
      const { name, maintenance, build_stack, settings } = request.body
      const app = await appFor(context, request, name === undefined ? 'operate' : 'share')
      const changed = await updateApp(ledger, request.account, app.id, {
        ...(name !== undefined && { name }),
        ...(maintenance !== undefined && { maintenance }),
        ...(build_stack !== undefined && { buildStack: stackNamed(context.stacks, build_stack) }),
        ...(settings && { settings: settingsOf(settings) }),
        seen: seenStates(request),
      })
      return describeApp(context, changed, request)
    },
  )

  api.delete(
    '/apps/:app',
    { schema: { ...one, summary: 'Destroy an app; its ledger stays, archived' } },
    async request => {
      const app = await appFor(context, request, 'destroy')
      const body = await describeApp(context, app, request)
      await destroyApp(ledger, request.account, app.id, seenStates(request))
      return body
    },
  )
}

function listRoutes(api: Api, context: ApiContext): void {
  const { apps, accounts } = context.ledger.read
  const list = { tags: ['app'], response: { '2xx': Type.Array(AppShape) } }

  api.get(
    '/apps',
    { schema: { ...list, summary: 'Every app the account may see' } },
    async (request, reply) => {
      const { account } = request
      return describeApps(context, account.isOwner ? await apps.list() : await apps.ofAccount(account.id), {
        request,
        reply,
      })
    },
  )

  api.get(
    '/users/:user/apps',
    {
      schema: {
        ...list,
        summary: 'Apps an account owns or works on',
        params: Type.Object({ user: Type.String() }),
      },
    },
    async (request, reply) => {
      const account = await visibleAccount(request.account, request.params.user)
      return describeApps(context, await apps.ofAccount(account.id), { request, reply })
    },
  )

  /** Oneself, by any name; anybody for the owner of the platform. */
  async function visibleAccount(asker: Account, user: string): Promise<Account> {
    if (user === '~' || user === asker.id || user.toLowerCase() === asker.email) return asker
    const found = asker.isOwner ? ((await accounts.byEmail(user)) ?? (await accounts.byId(user))) : undefined
    if (!found) throw notFound('user')
    return found
  }
}

const ATTRIBUTES = { id: 'text', name: 'text', updated_at: 'date' } as const

/** Apps as a list shows them: without what each would have to be asked for. */
export async function describeApps(
  context: ApiContext,
  apps: readonly App[],
  exchange: { request: FastifyRequest; reply: FastifyReply },
): Promise<AppBody[]> {
  const { request } = exchange
  const owners = new Map((await context.ledger.read.accounts.list()).map(account => [account.id, account]))
  const bodies = apps.flatMap(app => {
    const owner = owners.get(app.ownerId)
    const surroundings = { ...surroundingsOf(context), request }
    return owner ? [presentApp(app, { owner, artifact: null, repositorySize: null, ...surroundings })] : []
  })
  return [...answerPage(exchange, bodies, { attributes: ATTRIBUTES, key: appKey })]
}

function appKey(app: AppBody, attribute: string): string {
  return attribute === 'name' ? app.name : attribute === 'updated_at' ? app.updated_at : app.id
}

async function describeApp(context: ApiContext, app: App, request: FastifyRequest): Promise<AppBody> {
  const { accounts, releases, artifacts } = context.ledger.read
  const [owner, current, repositorySize] = await Promise.all([
    app.ownerId === request.account.id ? request.account : accounts.byId(app.ownerId),
    releases.current(app.id),
    context.repositorySize(app.id),
  ])
  if (!owner) throw new Error(`Account ${app.ownerId}, owner of app ${app.id}, is gone.`)
  const artifact = (current?.artifactId && (await artifacts.byId(current.artifactId))) || null
  return presentApp(app, { owner, artifact, repositorySize, ...surroundingsOf(context), request })
}

function surroundingsOf({ addresses, settings }: ApiContext) {
  return { addresses: addresses(), settings }
}

/** Refuses what this platform does not have, rather than leaving it out in silence. */
function checkNewApp(body: Static<typeof NewApp>): Static<typeof NewApp> {
  const { region, space, team } = body
  if (region && ![REGION.name, REGION.id].includes(identityOf(region))) {
    throw invalid(`Region ${identityOf(region)} is unknown. This platform has one region, ${REGION.name}.`)
  }
  if (space != null) throw invalid('This platform has no spaces. Create the app without one.')
  if (team != null)
    throw invalid('This platform has no teams. Create the app without one and add collaborators.')
  return body
}
