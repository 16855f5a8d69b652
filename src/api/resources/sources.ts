import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { createSource, receiveSource } from '../../actions/create-source.ts'
import { notFound } from '../../core/errors.ts'
import { hours } from '../../core/time.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { SourceShape } from '../schema/build.ts'
import { AppParams } from '../schema/shapes.ts'
import { apiBase, capabilitiesOf } from '../stream-url.ts'
import { streamBodies } from '../streamed-bodies.ts'
import { removeTornUploads, storeUpload } from '../upload.ts'

const SourceParams = Type.Object({ source: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })

/** Places for source tarballs: made with a token, filled and read by whoever has the URL. */
export function sourceRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const capabilities = capabilitiesOf(context)
  const made = { tags: ['source'], response: { 201: SourceShape } }

  api.post(
    '/sources',
    { schema: { ...made, summary: 'Make a place for a source' } },
    async (request, reply) => {
      reply.code(201)
      return urlsOf(await createSource(ledger, request.account, null), request)
    },
  )

  api.post(
    '/apps/:app/sources',
    { schema: { ...made, summary: 'Make a place for a source of an app', params: AppParams } },
    async (request, reply) => {
      const app = await appFor(context, request, 'deploy')
      reply.code(201)
      return urlsOf(await createSource(ledger, request.account, app.id), request)
    },
  )

  transferRoutes(api, context)

  function urlsOf(id: string, request: FastifyRequest) {
    const url = (method: 'GET' | 'PUT') =>
      apiBase(context, request) + capabilities.sign({ method, path: `/sources/${id}`, lifetime: hours(1) })
    return { source_blob: { get_url: url('GET'), put_url: url('PUT') } }
  }
}

/** Up and down, for whoever has the URL. */
function transferRoutes(api: Api, context: ApiContext): void {
  const { ledger, sourcesDirectory } = context
  const capabilities = capabilitiesOf(context)

  api.get(
    '/sources/:source',
    { config: { access: 'capability' }, schema: { params: SourceParams, hide: true } },
    async (request, reply) => {
      capabilities.check(request)
      const source = await ledger.read.sources.byId(request.params.source)
      if (!source?.receivedAt) throw notFound('source')
      return reply.type('application/gzip').send(createReadStream(join(sourcesDirectory, source.id)))
    },
  )

  api.addHook('onReady', () => removeTornUploads(sourcesDirectory))
  api.register(async scope => {
    streamBodies(scope)
    scope.put<{ Params: { source: string } }>(
      '/sources/:source',
      { config: { access: 'capability' }, schema: { params: SourceParams, hide: true } },
      async (request, reply) => {
        capabilities.check(request)
        const source = await ledger.read.sources.byId(request.params.source)
        if (!source) throw notFound('source')
        await storeUpload(request.body as Readable | undefined, join(sourcesDirectory, source.id))
        await receiveSource(ledger, source.id)
        return reply.code(200).send('')
      },
    )
  })
}
