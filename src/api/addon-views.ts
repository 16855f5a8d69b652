import type { Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { attachmentsTo } from '../actions/addon-supply.ts'
import type { Addon } from '../core/addon.ts'
import type { App } from '../core/app.ts'
import { attached } from '../core/attachment.ts'
import { hours } from '../core/time.ts'
import type { Reader } from '../ledger/ledger.ts'
import { Catalogue } from './catalogue.ts'
import type { ApiContext } from './context.ts'
import { presentAddon, presentAttachment } from './presenters/addon.ts'
import type { AddonShape, AttachmentShape } from './schema/addon.ts'
import { apiBase, capabilitiesOf } from './stream-url.ts'

type AddonBody = Static<typeof AddonShape>
type AttachmentBody = Static<typeof AttachmentShape>

/** Add-ons as clients see them. */
export async function viewAddons(
  context: ApiContext,
  request: FastifyRequest,
  addons: readonly Addon[],
): Promise<AddonBody[]> {
  const { read } = context.ledger
  const catalogue = await Catalogue.of(context)
  return Promise.all(
    addons.map(async addon => {
      const head = await read.releases.head(addon.appId)
      const links = head ? attachmentsTo(head, addon.id) : []
      return presentAddon(addon, {
        catalogue,
        app: await ownerOf(read, addon),
        configVars: links.flatMap(({ configVars }) => configVars).sort(),
        webUrl: await webUrl(context, request, addon),
      })
    }),
  )
}

export async function viewAddon(
  context: ApiContext,
  request: FastifyRequest,
  addon: Addon,
): Promise<AddonBody> {
  const [body] = await viewAddons(context, request, [addon])
  if (!body) throw new Error(`Add-on ${addon.id} could not be shown.`)
  return body
}

/** The attachments that an app has, of add-ons that are there. */
export async function viewAttachments(
  context: ApiContext,
  request: FastifyRequest,
  app: App,
): Promise<AttachmentBody[]> {
  const { read } = context.ledger
  const head = await read.releases.head(app.id)
  const links = head ? attached(head) : []
  const addons = new Map(
    (await read.addons.byIds(links.map(({ addon }) => addon.id))).map(each => [each.id, each]),
  )
  const records = new Map((await read.attachments.ofApp(app.id)).map(record => [record.id, record.createdAt]))
  const bodies = await Promise.all(
    links.map(async link => {
      const addon = addons.get(link.addon.id)
      if (!addon || addon.state === 'deprovisioned') return undefined
      const owner = await ownerOf(read, addon)
      const createdAt = records.get(link.id) ?? addon.createdAt
      return presentAttachment(link, {
        app,
        addon,
        owner,
        createdAt,
        webUrl: await webUrl(context, request, addon),
      })
    }),
  )
  return bodies.filter(body => body !== undefined)
}

/** The app an add-on belongs to; of a destroyed one what is left is its id. */
async function ownerOf(read: Reader, { appId }: Addon): Promise<Pick<App, 'id' | 'name'>> {
  return (await read.apps.byId(appId)) ?? { id: appId, name: 'destroyed' }
}

/** A page of ours that leads on to the provider's own, as whoever asks; null where there is none. */
async function webUrl(context: ApiContext, request: FastifyRequest, addon: Addon): Promise<string | null> {
  if (addon.state !== 'provisioned') return null
  const visitor = {
    id: request.account.id,
    email: request.account.email,
    app: (await ownerOf(context.ledger.read, addon)).name,
  }
  if (!(await context.addons.sso(addon, visitor))) return null
  const grant = {
    method: 'GET' as const,
    path: `/addons/${addon.id}/open`,
    lifetime: hours(1),
    parameters: visitor,
  }
  return apiBase(context, request) + capabilitiesOf(context).sign(grant)
}
