import { pinRelease, unpinRelease } from '../../actions/pin-release.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { PinBody, ReleaseParams, ReleaseShape } from '../schema/release.ts'
import { describeRelease, findRelease } from './releases.ts'

/** Pins exempt a release from retention. An extension: the Platform API has none. */
export function pinRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const one = { tags: ['release'], params: ReleaseParams, response: { 200: ReleaseShape } }

  api.post(
    '/apps/:app/releases/:release/actions/pin',
    { schema: { ...one, summary: 'Exempt a release from retention', body: PinBody } },
    async request => {
      const app = await appFor(context, request, 'deploy')
      const { id: releaseId } = await findRelease(ledger, app.id, request.params.release)
      const { reason } = request.body
      const release = await pinRelease(ledger, request.account, app.id, { releaseId, reason })
      return describeRelease(context, { app, release, request })
    },
  )

  api.post(
    '/apps/:app/releases/:release/actions/unpin',
    { schema: { ...one, summary: 'Let the retention policy decide about a release again' } },
    async request => {
      const app = await appFor(context, request, 'deploy')
      const { id } = await findRelease(ledger, app.id, request.params.release)
      const release = await unpinRelease(ledger, request.account, app.id, id)
      return describeRelease(context, { app, release, request })
    },
  )
}
