import { Type } from '@sinclair/typebox'
import { derivedId } from '../../core/id.ts'
import { isoSeconds } from '../../core/time.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { appReference } from '../presenters/app.ts'
import { Anything, AppParams, Id, Named, nullable, Timestamp } from '../schema/shapes.ts'

const DomainShape = Type.Object({
  id: Id,
  hostname: Type.String(),
  kind: Type.String(),
  cname: nullable(Type.String()),
  status: Type.String(),
  acm_status: nullable(Type.String()),
  acm_status_reason: nullable(Type.String()),
  sni_endpoint: Anything,
  app: Named,
  created_at: Timestamp,
  updated_at: Timestamp,
})

/** The domain every app has from the platform. */
export function domainRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/apps/:app/domains',
    {
      schema: {
        tags: ['domain'],
        summary: 'Domains',
        params: AppParams,
        response: { 200: Type.Array(DomainShape) },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const domain = {
        id: derivedId(app.id, 'domain'),
        hostname: `${app.name}.${context.addresses().appsDomain}`,
        kind: 'heroku',
        cname: null,
        status: 'none',
        acm_status: null,
        acm_status_reason: null,
        sni_endpoint: null,
        app: appReference(app),
        created_at: isoSeconds(app.createdAt),
        updated_at: isoSeconds(app.updatedAt),
      }
      return [domain]
    },
  )
}
