import { Type } from '@sinclair/typebox'
import { viewAddons } from '../addon-views.ts'
import { requirePlatformOwner } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AddonShape } from '../schema/addon.ts'

/** Add-ons that nobody uses any more and that their providers have not taken away yet: it is tried again and again. */
export function addonOrphanRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/addon-orphans',
    {
      schema: {
        tags: ['add-on'],
        summary: 'Add-ons still to be taken away by their providers',
        response: { 200: Type.Array(AddonShape) },
      },
    },
    async request => {
      requirePlatformOwner(request.account)
      const atWork = await context.ledger.read.addons.atWork()
      return viewAddons(
        context,
        request,
        atWork.filter(({ state }) => state === 'deprovisioning'),
      )
    },
  )
}
