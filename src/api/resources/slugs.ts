import { Type } from '@sinclair/typebox'
import type { Artifact } from '../../core/artifact.ts'
import { notFound } from '../../core/errors.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentOciImage, presentSlug } from '../presenters/build.ts'
import { OciImageShape, SlugShape } from '../schema/build.ts'

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
      const { image } = request.params
      const isAsked = ({ id, digest }: Artifact) => id === image || digest === image
      const found = (await artifacts.ofApp(app.id)).filter(isAsked)
      if (found.length === 0) throw notFound('oci_image')
      return found.map(presentOciImage)
    },
  )
}
