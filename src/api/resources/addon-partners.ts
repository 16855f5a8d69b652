import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { exchangeGrant } from '../../actions/addon-grants.ts'
import { destroyAddon } from '../../actions/destroy-addon.ts'
import { completeProvisioning } from '../../actions/finish-provisioning.ts'
import { finishRemoval } from '../../actions/finish-removal.ts'
import { providerAccount } from '../../actions/program-account.ts'
import { updateAddonConfig } from '../../actions/update-addon-config.ts'
import type { Addon } from '../../core/addon.ts'
import { missingVars, refusalOfVars } from '../../core/addon-config.ts'
import { conflict, invalid, notFound, UserError } from '../../core/errors.ts'
import { viewAddon } from '../addon-views.ts'
import { Catalogue } from '../catalogue.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AddonShape } from '../schema/addon.ts'
import { nullable } from '../schema/shapes.ts'

const tags = ['add-on-partner']
const params = Type.Object({ addon: Type.String() })
const Config = Type.Array(Type.Object({ name: Type.String(), value: nullable(Type.String()) }))

/** What the Add-on Partner API lets a provider ask of the platform, with a token for one add-on. */
export function addonPartnerRoutes(api: Api, context: ApiContext): void {
  tokenRoute(api, context)
  configRoutes(api, context)
  actionRoutes(api, context)
}

function tokenRoute(api: Api, context: ApiContext): void {
  const body = Type.Object({
    grant_type: Type.String(),
    client_secret: Type.String(),
    code: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
  })
  const response = Type.Object({
    access_token: Type.String(),
    refresh_token: Type.String(),
    token_type: Type.String(),
    expires_in: Type.Integer(),
  })
  api.post(
    '/oauth/token',
    {
      config: { access: 'public', takesForms: true },
      schema: { tags, summary: 'Exchange a grant for tokens', body, response: { 200: response } },
    },
    async request => {
      const { grant_type: type, client_secret: clientSecret, code, refresh_token: refresh } = request.body
      const kind = type === 'refresh_token' ? 'refresh' : 'code'
      const secret = kind === 'refresh' ? refresh : code
      if (secret === undefined || (kind === 'code' && type !== 'authorization_code'))
        throw new UserError(
          'bad_request',
          'Send grant_type=authorization_code with code, or grant_type=refresh_token with refresh_token.',
        )
      const tokens = await exchangeGrant(context.ledger, { secret, kind, clientSecret })
      return {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        token_type: 'Bearer',
        expires_in: Math.floor(tokens.lifetime / 1000),
      }
    },
  )
}

function configRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const config = { access: 'provider' as const }

  api.get(
    '/addons/:addon/config',
    {
      config,
      schema: {
        tags,
        summary: 'Config vars of an add-on, for its provider',
        params,
        response: { 200: Config },
      },
    },
    async request => list((await ledger.read.addons.config((await addonOf(context, request)).id)) ?? {}),
  )

  const body = Type.Object({ config: Config })
  api.patch(
    '/addons/:addon/config',
    {
      config,
      schema: {
        tags,
        summary: 'Change config vars of an add-on, as its provider',
        params,
        body,
        response: { 200: Config },
      },
    },
    async request => {
      const addon = await addonOf(context, request)
      const { service, merged } = await change(context, addon, request.body.config)
      const refusal = refusalOfVars(service, merged)
      if (refusal) throw invalid(`${addon.service} ${refusal}`)
      await updateAddonConfig(ledger, addon, await providerAccount(ledger, addon.service), merged)
      return list(merged)
    },
  )
}

function actionRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const config = { access: 'provider' as const }
  const response = { 200: AddonShape }

  api.post(
    '/addons/:addon/actions/provision',
    { config, schema: { tags, summary: 'Say that an add-on is there, as its provider', params, response } },
    async request => {
      const addon = await addonOf(context, request)
      const service = (await Catalogue.of(context)).serviceOf(addon)
      const missing = missingVars(service, (await ledger.read.addons.config(addon.id)) ?? {})
      if (missing.length > 0 && addon.state === 'provisioning')
        throw conflict(
          `${addon.name} lacks config vars that ${service.name} declares: ${missing.join(', ')}. PATCH /addons/${addon.id}/config first.`,
        )
      await completeProvisioning(ledger, addon, await providerAccount(ledger, addon.service))
      return viewAddon(context, request, (await ledger.read.addons.byId(addon.id)) ?? addon)
    },
  )

  api.post(
    '/addons/:addon/actions/deprovision',
    { config, schema: { tags, summary: 'Say that an add-on is gone, as its provider', params, response } },
    async request => {
      const addon = await addonOf(context, request)
      const by = await providerAccount(ledger, addon.service)
      if (addon.state === 'deprovisioning') await finishRemoval(ledger, addon)
      else if (addon.state !== 'deprovisioned') await destroyAddon(ledger, by, addon, { isForced: true })
      return viewAddon(context, request, (await ledger.read.addons.byId(addon.id)) ?? addon)
    },
  )
}

/** The add-on that a provider's request is about: the one its token is for, and no other. */
async function addonOf(
  { ledger }: ApiContext,
  request: FastifyRequest & { params: { addon: string } },
): Promise<Addon> {
  const addon = request.addonId === null ? undefined : await ledger.read.addons.byId(request.addonId)
  const { addon: named } = request.params
  if (!addon || (named !== addon.id && named !== addon.name)) throw notFound('add_on')
  return addon
}

async function change(
  context: ApiContext,
  addon: Addon,
  patch: readonly { name: string; value: string | null }[],
) {
  const service = (await Catalogue.of(context)).serviceOf(addon)
  const before = (await context.ledger.read.addons.config(addon.id)) ?? {}
  const all = Object.entries({
    ...before,
    ...Object.fromEntries(patch.map(({ name, value }) => [name, value])),
  })
  const merged = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null))
  return { service, merged }
}

function list(config: Readonly<Record<string, string>>) {
  return Object.entries(config).map(([name, value]) => ({ name, value }))
}
