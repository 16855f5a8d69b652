import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { changeAddonPlan } from '../../actions/change-addon-plan.ts'
import { createAddon } from '../../actions/create-addon.ts'
import { destroyAddon } from '../../actions/destroy-addon.ts'
import { findAddon } from '../../actions/find-addon.ts'
import { reconcileAddons } from '../../actions/reconcile-addons.ts'
import { renameAddon } from '../../actions/rename-addon.ts'
import { rotateAddon } from '../../actions/rotate-addon.ts'
import type { Addon } from '../../core/addon.ts'
import type { App } from '../../core/app.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { outcomeOf } from '../addon-outcome.ts'
import { viewAddon } from '../addon-views.ts'
import { appFor } from '../authorize.ts'
import { Catalogue } from '../catalogue.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AddonShape, AddonUpdate, NewAddon } from '../schema/addon.ts'
import { ReleaseShape } from '../schema/release.ts'
import { AppParams, identityOf } from '../schema/shapes.ts'
import { describeRelease } from './releases.ts'

const tags = ['add-on']
const params = Type.Object({ app: Type.String(), addon: Type.String() })

/** Add-ons, made, changed and destroyed. */
export function addonChangeRoutes(api: Api, context: ApiContext): void {
  createRoute(api, context)
  updateRoute(api, context)
  destroyRoute(api, context)
  careRoutes(api, context)
}

function createRoute(api: Api, context: ApiContext): void {
  const { ledger, random } = context
  api.post(
    '/apps/:app/addons',
    {
      schema: {
        tags,
        summary: 'Create an add-on',
        params: AppParams,
        body: NewAddon,
        response: { 201: AddonShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      const { body } = request
      const { service, plan } = (await Catalogue.of(context)).plan(identityOf(body.plan))
      if (body.backup)
        await checkBackup(context, { backupId: body.backup, app, service: service.name, request })
      const asked = await createAddon(ledger, request.account, app.id, {
        ...{ service, plan, random, options: body.config ?? {} },
        ...{ name: body.name ?? undefined, as: body.attachment?.name ?? undefined },
        ...{
          confirm: body.confirm ?? undefined,
          backupId: body.backup ?? undefined,
          requestId: request.repeatKey,
        },
      })
      const isSettled = ({ state, providerId }: Addon) => state !== 'provisioning' || providerId !== null
      const addon = await outcomeOf(ledger, asked, { reply, isSettled })
      if (addon.state === 'deprovisioning' || addon.state === 'deprovisioned')
        throw invalid(addon.reason ?? `${addon.name} could not be created.`)
      reply.code(201)
      return viewAddon(context, request, addon)
    },
  )
}

/** A backup is for those who work on the app its add-on belonged to. */
async function checkBackup(
  { ledger }: ApiContext,
  {
    backupId,
    app,
    service,
    request,
  }: { backupId: string; app: App; service: string; request: FastifyRequest },
): Promise<void> {
  const backup = await ledger.read.addonBackups.byId(backupId)
  const of = backup && (await ledger.read.addons.byId(backup.addonId))
  if (!of || (of.appId !== app.id && !request.account.isOwner)) throw notFound('add_on_backup')
  if (of.service !== service)
    throw invalid(`The backup is of a ${of.service} add-on; it cannot be restored to ${service}.`)
}

function updateRoute(api: Api, context: ApiContext): void {
  const { ledger } = context
  api.patch(
    '/apps/:app/addons/:addon',
    {
      schema: {
        tags,
        summary: 'Change the plan or name of an add-on',
        params,
        body: AddonUpdate,
        response: { 200: AddonShape },
      },
    },
    async (request, reply) => {
      const addon = await addonFor(context, request)
      const { name, plan } = request.body
      let after = name === undefined ? addon : await renameAddon(ledger, request.account, addon, name)
      if (plan !== undefined) {
        const wanted = (await Catalogue.of(context)).plan(identityOf(plan))
        if (wanted.service.name !== addon.service)
          throw invalid(
            `${addon.name} is a ${addon.service} add-on; ${wanted.service.name} is another service.`,
          )
        await changeAddonPlan(ledger, request.account, addon, wanted.plan.name)
        after = await outcomeOf(ledger, addon, { reply, isSettled: ({ wantedPlan }) => wantedPlan === null })
        if (after.wantedPlan === null && after.plan !== wanted.plan.name)
          throw invalid(after.reason ?? `The plan of ${addon.name} could not be changed.`)
      }
      return viewAddon(context, request, after)
    },
  )
}

function destroyRoute(api: Api, context: ApiContext): void {
  const { ledger } = context
  const body = Type.Object({ force: Type.Optional(Type.Boolean()) })
  api.delete(
    '/apps/:app/addons/:addon',
    { schema: { tags, summary: 'Destroy an add-on', params, body, response: { 200: AddonShape } } },
    async (request, reply) => {
      const addon = await addonFor(context, request)
      await destroyAddon(ledger, request.account, addon, { isForced: request.body.force === true })
      const isSettled = ({ state }: Addon) => state === 'deprovisioned'
      return viewAddon(context, request, await outcomeOf(ledger, addon, { reply, isSettled }))
    },
  )
}

/** What our own command line asks for. */
function careRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const body = Type.Object({ force: Type.Optional(Type.Boolean()) })
  api.post(
    '/apps/:app/addons/:addon/actions/rotate',
    {
      schema: {
        tags,
        summary: 'Give an add-on other credentials',
        params,
        body,
        response: { 200: AddonShape },
      },
    },
    async (request, reply) => {
      const addon = await addonFor(context, request)
      if (!(await context.addons.canRotate(addon.service)))
        throw invalid(
          `${addon.name} is a ${addon.service} add-on: its credentials cannot be rotated from here.`,
        )
      await rotateAddon(ledger, request.account, addon, request.body.force === true ? 'forced' : 'gentle')
      const isSettled = ({ generation, rotation }: Addon) =>
        generation > addon.generation || rotation === 'none'
      return viewAddon(context, request, await outcomeOf(ledger, addon, { reply, isSettled }))
    },
  )

  api.post(
    '/apps/:app/actions/reconcile-addons',
    {
      schema: {
        tags,
        summary: 'Make config vars of add-ons what their providers give today',
        params: AppParams,
        response: { 200: ReleaseShape },
      },
    },
    async request => {
      const app = await appFor(context, request, 'operate')
      const release = await reconcileAddons(ledger, request.account, app.id, request.repeatKey)
      return describeRelease(context, { app, release, request })
    },
  )
}

async function addonFor(
  context: ApiContext,
  request: FastifyRequest & { params: { app: string; addon: string } },
): Promise<Addon> {
  const app = await appFor(context, request, 'operate')
  const { nameOf } = await Catalogue.of(context)
  const query = { identity: request.params.addon, app, permission: 'operate' as const, serviceName: nameOf }
  return findAddon(context.ledger, request.account, query)
}
