import type { App } from '../core/app.ts'
import type { Step } from '../core/step.ts'
import type { ObservedDyno } from './driver.ts'
import type { Route } from './routing.ts'

/** The route that a plan's `route` step means. */
export function routeOf(
  step: Extract<Step, { do: 'route' }>,
  app: Pick<App, 'id' | 'name' | 'maintenance'>,
  observed: readonly ObservedDyno[],
): Route {
  const wanted = new Set(step.dynoIds)
  const targets = observed.flatMap(({ id, name, releaseId, address }) =>
    wanted.has(id) && address !== null ? [{ dynoId: id, dyno: name, releaseId, address }] : [],
  )
  const answering = step.answering
  return { appId: app.id, name: app.name, maintenance: app.maintenance, answering, targets }
}
