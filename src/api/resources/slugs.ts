import { Type } from '@sinclair/typebox'
import { whyDestroyed } from '../../actions/destroyed-artifact.ts'
import type { Artifact } from '../../core/artifact.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { hours } from '../../core/time.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentOciImage, presentSlug } from '../presenters/build.ts'
import { OciImageShape, SlugShape } from '../schema/build.ts'
import { stream, until } from '../stream-reply.ts'
import { apiBase, capabilitiesOf } from '../stream-url.ts'

/** Artifacts, as clients of the classic generation and of the newer one see them. */
export function slugRoutes(api: Api, context: ApiContext): void {
  const { artifacts } = context.ledger.read

  api.get(
    '/apps/:app/slugs/:slug',
    {
      schema: {
        tags: ['slug'],
        summary: 'One slug',
        params: Type.Object({ app: Type.String(), slug: Type.String() }),
        response: { 200: SlugShape },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const artifact = await artifacts.byId(request.params.slug)
      if (!artifact || artifact.appId !== app.id) throw notFound('slug')
      return presentSlug(artifact)
    },
  )

  api.get(
    '/apps/:app/oci-images/:image',
    {
      schema: {
        tags: ['oci-image'],
        summary: 'OCI images by id or digest',
        params: Type.Object({ app: Type.String(), image: Type.String() }),
        response: { 200: Type.Array(OciImageShape) },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const found = await imagesNamed(context, app.id, request.params.image)
      if (found.length === 0) throw notFound('oci_image')
      return found.map(artifact => {
        const grant = {
          method: 'GET' as const,
          path: `/oci-images/${artifact.id}/archive`,
          lifetime: hours(1),
        }
        return presentOciImage(artifact, apiBase(context, request) + capabilitiesOf(context).sign(grant))
      })
    },
  )

  archiveRoute(api, context)
}

/** The images of an app with that id or digest; of a digest there may be several. */
export async function imagesNamed(
  { ledger }: Pick<ApiContext, 'ledger'>,
  appId: string,
  name: string,
): Promise<Artifact[]> {
  const images = await ledger.read.artifacts.ofApp(appId)
  return images.filter(({ id, digest }) => id === name || digest === name)
}

/** The bytes of an image, for whoever has the URL: a tar of an OCI image layout. */
function archiveRoute(api: Api, context: ApiContext): void {
  const closing = new AbortController()
  api.addHook('onClose', async () => closing.abort())
  const params = Type.Object({ image: Type.String() })
  api.get(
    '/oci-images/:image/archive',
    { config: { access: 'capability' }, schema: { params, hide: true } },
    async (request, reply) => {
      capabilitiesOf(context).check(request)
      const artifact = await context.ledger.read.artifacts.byId(request.params.image)
      if (!artifact) throw notFound('oci_image')
      if (artifact.deletedAt !== null) throw invalid(await whyDestroyed(context.ledger.read, artifact))
      const signal = until(reply, closing.signal)
      const archive = context.exportImage(artifact.digest, signal)
      return stream(reply.type('application/x-tar'), chunks(archive), { signal, hasEnd: true })
    },
  )
}

async function* chunks(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of archive) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
