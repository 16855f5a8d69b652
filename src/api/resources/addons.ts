import { Type } from '@sinclair/typebox'
import { findAddon, resolveAddons } from '../../actions/find-addon.ts'
import { findApp } from '../../actions/find-app.ts'
import type { Addon } from '../../core/addon.ts'
import { attached } from '../../core/attachment.ts'
import { notFound } from '../../core/errors.ts'
import { viewAddon, viewAddons } from '../addon-views.ts'
import { appFor } from '../authorize.ts'
import { Catalogue } from '../catalogue.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AddonQuery, AddonShape, SsoShape } from '../schema/addon.ts'
import { AppParams } from '../schema/shapes.ts'
import { visibleApps } from '../visible-apps.ts'

const tags = ['add-on']

/** Add-ons, read. */
export function addonRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const list = { 200: Type.Array(AddonShape) }

  api.get(
    '/addons',
    { schema: { tags, summary: 'Add-ons of all apps you may see', response: list } },
    async request => {
      const apps = await visibleApps(ledger, request.account)
      const ids = new Set(apps.map(({ id }) => id))
      const addons = (await ledger.read.addons.list()).filter(({ appId }) => ids.has(appId))
      return viewAddons(context, request, addons)
    },
  )

  api.get(
    '/apps/:app/addons',
    {
      schema: {
        tags,
        summary: 'Add-ons that belong to an app or are attached to it',
        params: AppParams,
        response: list,
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const head = await ledger.read.releases.head(app.id)
      const own = await ledger.read.addons.ofApp(app.id)
      const linked = await ledger.read.addons.byIds(head ? attached(head).map(({ addon }) => addon.id) : [])
      const others = linked.filter(({ appId, state }) => appId !== app.id && state !== 'deprovisioned')
      return viewAddons(context, request, [...own, ...others])
    },
  )

  oneRoutes(api, context)
  resolveRoutes(api, context)
}

function oneRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const response = { 200: AddonShape }
  const find = async (request: Parameters<typeof viewAddon>[1], identity: string): Promise<Addon> => {
    const { nameOf } = await Catalogue.of(context)
    return findAddon(ledger, request.account, { identity, permission: 'view', serviceName: nameOf })
  }

  api.get(
    '/addons/:addon',
    {
      config: { isForProviders: true },
      schema: { tags, summary: 'One add-on', params: Type.Object({ addon: Type.String() }), response },
    },
    async request => {
      const { addon: named } = request.params
      if (request.addonId === null) return viewAddon(context, request, await find(request, named))
      const own = await ledger.read.addons.byId(request.addonId)
      if (!own || (named !== own.id && named !== own.name)) throw notFound('add_on')
      return viewAddon(context, request, own)
    },
  )

  const params = Type.Object({ app: Type.String(), addon: Type.String() })
  api.get(
    '/apps/:app/addons/:addon',
    { schema: { tags, summary: 'One add-on of an app', params, response } },
    async request => {
      const app = await appFor(context, request, 'view')
      const { nameOf } = await Catalogue.of(context)
      const query = { identity: request.params.addon, app, permission: 'view' as const, serviceName: nameOf }
      return viewAddon(context, request, await findAddon(ledger, request.account, query))
    },
  )

  api.get(
    '/apps/:app/addons/:addon/sso',
    { schema: { tags, summary: 'The way to the page of its provider', params, response: { 200: SsoShape } } },
    async request => {
      const app = await appFor(context, request, 'operate')
      const { nameOf } = await Catalogue.of(context)
      const query = { identity: request.params.addon, app, permission: 'view' as const, serviceName: nameOf }
      const addon = await findAddon(ledger, request.account, query)
      const { id, email } = request.account
      const link = await context.addons.sso(addon, { id, email, app: app.name })
      if (!link) throw notFound('sso')
      return { ...link, params: { ...link.params } }
    },
  )
}

function resolveRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  api.post(
    '/actions/addons/resolve',
    {
      schema: {
        tags,
        summary: 'The add-ons a name may mean',
        body: AddonQuery,
        response: { 200: Type.Array(AddonShape) },
      },
    },
    async request => {
      const { addon: identity, app: appName, addon_service: service } = request.body
      const app = appName ? await findApp(ledger, request.account, appName, 'view') : undefined
      const { nameOf } = await Catalogue.of(context)
      const found = await resolveAddons(ledger, request.account, { identity, app, serviceName: nameOf })
      const fitting = service ? found.filter(addon => addon.service === nameOf(service)) : found
      if (fitting.length === 0) throw notFound('add_on')
      return viewAddons(context, request, fitting)
    },
  )
}
