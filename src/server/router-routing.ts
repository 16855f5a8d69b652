import type { RouterFeed } from '../router/feed-client.ts'
import type { RoutedApp } from '../router/table.ts'
import type { Route, Routing } from '../runtime/routing.ts'

/** Tells the router, over its feed, what the runtime decides. */
export function routerRouting(feed: RouterFeed, appsDomain: string): Routing {
  return {
    route: route => feed.updateApp(routedApp(route, appsDomain)),
    remove: appId => feed.removeApp(appId),
    applied: signal => feed.applied(signal),
    drained: (dynoId, signal) => feed.drained(dynoId, signal),
  }
}

function routedApp(route: Route, appsDomain: string): RoutedApp {
  return {
    appId: route.appId,
    name: route.name,
    hosts: [`${route.name}.${appsDomain}`],
    maintenance: route.maintenance,
    state: route.answering,
    targets: route.targets.map(({ dynoId, dyno, releaseId, address }) => {
      const colon = address.lastIndexOf(':')
      return {
        dynoId,
        dyno,
        releaseId,
        host: address.slice(0, colon),
        port: Number(address.slice(colon + 1)),
      }
    }),
  }
}
