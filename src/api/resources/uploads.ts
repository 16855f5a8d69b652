import type { Readable } from 'node:stream'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { findApp } from '../../actions/find-app.ts'
import { openUpload } from '../../actions/upload-artifact.ts'
import { notFound, UserError } from '../../core/errors.ts'
import { hours } from '../../core/time.ts'
import type { Upload, UploadDetails } from '../../core/upload.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentUpload } from '../presenters/upload.ts'
import { ImageUploadShape, SlugUploadShape } from '../schema/build.ts'
import { AppParams } from '../schema/shapes.ts'
import { NewOciImage, NewSlug } from '../schema/upload.ts'
import { stackNamed } from '../stack.ts'
import { apiBase, capabilitiesOf } from '../stream-url.ts'
import { asFarAsWanted, streamBodies } from '../streamed-bodies.ts'

/** Slugs and images from outside: a place is made for one with a token, and filled by whoever has the URL. */
export function uploadRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/apps/:app/slugs',
    {
      schema: {
        tags: ['slug'],
        summary: 'Make a place for a slug: PUT a gzipped tar of ./app to its blob',
        params: AppParams,
        body: NewSlug,
        response: { 201: SlugUploadShape },
      },
    },
    async (request, reply) => {
      const upload = await open(context, request, { kind: 'slug', details: detailsOf(context, request.body) })
      reply.code(201)
      return presentUpload(upload, urlOf(context, request, upload))
    },
  )

  api.post(
    '/apps/:app/oci-images',
    {
      schema: {
        tags: ['oci-image'],
        summary: 'Make a place for an image: PUT a tar of an OCI image layout to its blob',
        params: AppParams,
        body: NewOciImage,
        response: { 201: ImageUploadShape },
      },
    },
    async (request, reply) => {
      const upload = await open(context, request, {
        kind: 'oci-image',
        details: detailsOf(context, request.body),
      })
      reply.code(201)
      return { id: upload.id, blob: { method: 'put', url: urlOf(context, request, upload) } }
    },
  )

  receiveRoute(api, context)
}

async function open(
  context: ApiContext,
  request: FastifyRequest & { params: { app: string } },
  draft: Pick<Upload, 'kind' | 'details'>,
): Promise<Upload> {
  const app = await appFor(context, request, 'deploy')
  await checkRoom(context)
  return openUpload(context.ledger, request.account, app.id, draft)
}

async function checkRoom({ disk }: ApiContext): Promise<void> {
  const refused = await disk.refusal()
  if (refused !== undefined) throw new UserError('service_unavailable', refused)
}

/** The URL outlives what was so when it was signed: whoever it was made for must still be allowed to deploy. */
async function checkSender({ ledger }: ApiContext, { accountId, appId }: Upload): Promise<void> {
  const account = await ledger.read.accounts.byId(accountId)
  if (!account || account.disabledAt !== null) throw notFound('upload')
  await findApp(ledger, account, appId, 'deploy')
}

function detailsOf({ stacks }: ApiContext, body: Static<typeof NewOciImage>): UploadDetails {
  return {
    stack: body.stack ? stackNamed(stacks, body.stack) : null,
    processTypes: body.process_types ?? null,
    commit: body.commit ?? null,
    commitDescription: body.commit_description ?? null,
    buildpackDescription: body.buildpack_provided_description ?? null,
    checksum: body.checksum?.slice('SHA256:'.length).toLowerCase() ?? null,
  }
}

function urlOf(context: ApiContext, request: FastifyRequest, { id }: Upload): string {
  const grant = { method: 'PUT' as const, path: `/uploads/${id}`, lifetime: hours(1) }
  return apiBase(context, request) + capabilitiesOf(context).sign(grant)
}

function receiveRoute(api: Api, context: ApiContext): void {
  const { ledger } = context
  const params = Type.Object({ upload: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })
  api.register(async scope => {
    streamBodies(scope)
    scope.put<{ Params: { upload: string } }>(
      '/uploads/:upload',
      { config: { access: 'capability' }, schema: { params, hide: true } },
      async (request, reply) => {
        capabilitiesOf(context).check(request)
        const upload = await ledger.read.uploads.byId(request.params.upload)
        if (!upload) throw notFound('upload')
        await checkSender(context, upload)
        await checkRoom(context)
        if (!request.body) throw new UserError('bad_request', 'The upload is empty. PUT the archive.')
        const gone = new AbortController()
        request.raw.once('aborted', () =>
          gone.abort(new UserError('bad_request', 'The upload was cut off. Send it again.')),
        )
        await context.receive(upload, asFarAsWanted(request.body as Readable), gone.signal)
        return reply.code(200).send('')
      },
    )
  })
}
