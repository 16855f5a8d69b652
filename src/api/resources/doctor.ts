import { Type } from '@sinclair/typebox'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { CheckShape } from '../schema/doctor.ts'
import { AppParams } from '../schema/shapes.ts'

/** Whether what runs is what the ledger says. An extension: the Platform API has no such resource. */
export function doctorRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/apps/:app/doctor',
    {
      schema: {
        tags: ['app'],
        summary: 'What really runs, against what should',
        params: AppParams,
        response: { 200: Type.Array(CheckShape) },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      return context.examine(app.id)
    },
  )
}
