import { Type } from '@sinclair/typebox'
import { whyDestroyed } from '../../actions/destroyed-artifact.ts'
import type { Artifact } from '../../core/artifact.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { VerificationShape } from '../schema/verification.ts'
import { imagesNamed } from './slugs.ts'

/** Whether the bytes of an image are what its digests say. An extension: the Platform API has no such resource. */
export function verificationRoutes(api: Api, context: ApiContext): void {
  const closing = new AbortController()
  api.addHook('onClose', async () => closing.abort())

  api.post(
    '/apps/:app/oci-images/:image/actions/verify',
    {
      schema: {
        tags: ['oci-image'],
        summary: 'Read every byte of an image again, and repair what can be repaired',
        params: Type.Object({ app: Type.String(), image: Type.String({ description: 'Id or digest' }) }),
        response: { 200: VerificationShape },
      },
    },
    async request => {
      const app = await appFor(context, request, 'deploy')
      const found = await imagesNamed(context, app.id, request.params.image)
      const image = found.find(({ deletedAt }) => deletedAt === null)
      if (!image) throw await refusal(context, found[0])
      const { faults, runtimeFault, isRepaired } = await context.verifyArtifact(image, closing.signal)
      // It may have been destroyed while it was read: then that is no fault.
      const now = await context.ledger.read.artifacts.byId(image.id)
      if (now?.deletedAt !== null) throw await refusal(context, now)
      const ok = faults.length === 0 && runtimeFault === null
      return {
        ...{ id: image.id, digest: image.digest, ok, repaired: isRepaired },
        ...{ faults: [...faults], runtime_fault: runtimeFault },
      }
    },
  )
}

async function refusal({ ledger }: ApiContext, image: Artifact | undefined): Promise<Error> {
  if (!image) return notFound('oci_image')
  return invalid(`${await whyDestroyed(ledger.read, image)} There is nothing to verify.`)
}
