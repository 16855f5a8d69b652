import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { attachAddon } from '../../actions/attach-addon.ts'
import { detachAddon } from '../../actions/detach-addon.ts'
import { findAddon } from '../../actions/find-addon.ts'
import { findApp } from '../../actions/find-app.ts'
import type { App } from '../../core/app.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { viewAttachments } from '../addon-views.ts'
import { appFor } from '../authorize.ts'
import { Catalogue } from '../catalogue.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AttachmentQuery, AttachmentShape, NewAttachment } from '../schema/addon.ts'
import { AppParams, identityOf } from '../schema/shapes.ts'
import { visibleApps } from '../visible-apps.ts'

type AttachmentBody = Static<typeof AttachmentShape>

const tags = ['add-on-attachment']
const list = { 200: Type.Array(AttachmentShape) }
const response = { 200: AttachmentShape }

export function addonAttachmentRoutes(api: Api, context: ApiContext): void {
  listRoutes(api, context)
  oneRoutes(api, context)
  changeRoutes(api, context)
}

function listRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context

  api.get(
    '/addon-attachments',
    { schema: { tags, summary: 'Attachments of all apps you may see', response: list } },
    async request => allVisible(context, request),
  )

  api.get(
    '/apps/:app/addon-attachments',
    { schema: { tags, summary: 'Attachments of an app', params: AppParams, response: list } },
    async request => viewAttachments(context, request, await appFor(context, request, 'view')),
  )

  api.get(
    '/addons/:addon/addon-attachments',
    {
      schema: {
        tags,
        summary: 'Where an add-on is attached',
        params: Type.Object({ addon: Type.String() }),
        response: list,
      },
    },
    async request => {
      const { nameOf } = await Catalogue.of(context)
      const query = { identity: request.params.addon, permission: 'view' as const, serviceName: nameOf }
      const { id } = await findAddon(ledger, request.account, query)
      return (await allVisible(context, request)).filter(({ addon }) => addon.id === id)
    },
  )

  api.post(
    '/actions/addon-attachments/resolve',
    { schema: { tags, summary: 'The attachments a name may mean', body: AttachmentQuery, response: list } },
    async request => {
      const { addon_attachment: identity, app: appName, addon_service: service } = request.body
      const [prefix, bare] = identity.includes('::') ? identity.split('::', 2) : [undefined, identity]
      const within = appName ?? prefix
      const all = within
        ? await viewAttachments(context, request, await findApp(ledger, request.account, within, 'view'))
        : await allVisible(context, request)
      const { nameOf } = await Catalogue.of(context)
      const found = all
        .filter(({ id, name, addon }) => [id, name, ...(within ? [addon.name] : [])].includes(bare ?? ''))
        .filter(({ addon }) => !service || addon.plan.name.startsWith(`${nameOf(service)}:`))
      if (found.length === 0) throw notFound('add_on attachment')
      return found
    },
  )
}

function oneRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/addon-attachments/:attachment',
    {
      schema: {
        tags,
        summary: 'One attachment',
        params: Type.Object({ attachment: Type.String() }),
        response,
      },
    },
    async request => only(await allVisible(context, request), request.params.attachment),
  )

  const params = Type.Object({ app: Type.String(), attachment: Type.String() })
  api.get(
    '/apps/:app/addon-attachments/:attachment',
    { schema: { tags, summary: 'One attachment of an app', params, response } },
    async request => {
      const app = await appFor(context, request, 'view')
      return only(await viewAttachments(context, request, app), request.params.attachment)
    },
  )
}

function changeRoutes(api: Api, context: ApiContext): void {
  const { ledger, random } = context

  api.post(
    '/addon-attachments',
    {
      schema: {
        tags,
        summary: 'Attach an add-on to an app',
        body: NewAttachment,
        response: { 201: AttachmentShape },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (body.namespace) throw invalid('Attachments have no namespaces here: leave it out.')
      const app = await findApp(ledger, request.account, identityOf(body.app), 'operate')
      const catalogue = await Catalogue.of(context)
      const query = {
        identity: identityOf(body.addon),
        permission: 'operate' as const,
        serviceName: catalogue.nameOf,
      }
      const addon = await findAddon(ledger, request.account, query)
      const { attachment } = await attachAddon(ledger, request.account, app.id, {
        ...{ addonId: addon.id, service: catalogue.serviceOf(addon), random },
        ...{ as: body.name ?? undefined, confirm: body.confirm ?? undefined, requestId: request.repeatKey },
      })
      reply.code(201)
      return only(await viewAttachments(context, request, app), attachment.id)
    },
  )

  api.delete(
    '/addon-attachments/:attachment',
    {
      schema: {
        tags,
        summary: 'Detach an add-on',
        params: Type.Object({ attachment: Type.String() }),
        response,
      },
    },
    async request => {
      const found = only(await allVisible(context, request), request.params.attachment)
      const app = await findApp(ledger, request.account, found.app.id, 'operate')
      await detachAddon(ledger, request.account, app.id, {
        attachmentId: found.id,
        requestId: request.repeatKey,
      })
      return found
    },
  )
}

async function allVisible(context: ApiContext, request: FastifyRequest): Promise<AttachmentBody[]> {
  const apps: App[] = await visibleApps(context.ledger, request.account)
  return (await Promise.all(apps.map(app => viewAttachments(context, request, app)))).flat()
}

function only(attachments: readonly AttachmentBody[], identity: string): AttachmentBody {
  const found = attachments.find(({ id, name }) => id === identity || name === identity)
  if (!found) throw notFound('add_on attachment')
  return found
}
