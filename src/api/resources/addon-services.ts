import { Type } from '@sinclair/typebox'
import { registerService, unregisterService } from '../../actions/register-addon-service.ts'
import { notFound } from '../../core/errors.ts'
import { requirePlatformOwner } from '../authorize.ts'
import { Catalogue } from '../catalogue.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { planId, presentPlan, presentService, serviceId } from '../presenters/addon-service.ts'
import { AddonServiceShape, PlanShape } from '../schema/addon.ts'
import { Empty } from '../schema/shapes.ts'

/** What can be had as an add-on. */
export function addonServiceRoutes(api: Api, context: ApiContext): void {
  const ServiceParams = Type.Object({ service: Type.String() })

  api.get(
    '/addon-services',
    { schema: { tags: ['add-on'], summary: 'Services', response: { 200: Type.Array(AddonServiceShape) } } },
    async () => (await Catalogue.of(context)).services.map(presentService),
  )

  api.get(
    '/addon-services/:service',
    {
      schema: {
        tags: ['add-on'],
        summary: 'One service',
        params: ServiceParams,
        response: { 200: AddonServiceShape },
      },
    },
    async request => presentService(find(await Catalogue.of(context), request.params.service)),
  )

  api.get(
    '/addon-services/:service/plans',
    {
      schema: {
        tags: ['add-on'],
        summary: 'Plans of a service',
        params: ServiceParams,
        response: { 200: Type.Array(PlanShape) },
      },
    },
    async request => {
      const service = find(await Catalogue.of(context), request.params.service)
      return service.plans.map((plan, index) => presentPlan(service, plan, { isDefault: index === 0 }))
    },
  )

  api.get(
    '/plans/:plan',
    {
      schema: {
        tags: ['add-on'],
        summary: 'One plan',
        params: Type.Object({ plan: Type.String() }),
        response: { 200: PlanShape },
      },
    },
    async request => {
      const { services } = await Catalogue.of(context)
      for (const service of services) {
        for (const [index, plan] of service.plans.entries()) {
          const names = [planId(service.name, plan.name), `${service.name}:${plan.name}`]
          if (names.includes(request.params.plan))
            return presentPlan(service, plan, { isDefault: index === 0 })
        }
      }
      throw notFound('plan')
    },
  )

  registrationRoutes(api, context)
}

/** Somebody's own service, registered by its manifest. */
function registrationRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const secret = { description: 'With it the service exchanges its grants; shown this once' }
  const registered = Type.Intersect([AddonServiceShape, Type.Object({ client_secret: Type.String(secret) })])

  api.post(
    '/addon-services',
    {
      schema: {
        tags: ['add-on'],
        summary: 'Register a service by its manifest, or give it another one',
        body: Type.Record(Type.String(), Type.Unknown()),
        response: { 201: registered },
      },
    },
    async (request, reply) => {
      requirePlatformOwner(request.account)
      const { service, clientSecret } = await registerService(
        ledger,
        request.body,
        await context.addons.services(),
      )
      reply.code(201)
      return { ...presentService(service), client_secret: clientSecret.reveal() }
    },
  )

  api.delete(
    '/addon-services/:service',
    {
      schema: {
        tags: ['add-on'],
        summary: 'End the offer of a service',
        params: Type.Object({ service: Type.String() }),
        response: { 200: Empty },
      },
    },
    async request => {
      requirePlatformOwner(request.account)
      await unregisterService(ledger, request.params.service)
      return {}
    },
  )
}

function find(catalogue: Catalogue, identity: string) {
  const byId = catalogue.services.find(({ name }) => serviceId(name) === identity)
  return byId ?? catalogue.service(identity)
}
