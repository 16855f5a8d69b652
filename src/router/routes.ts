import type { Limits } from './limits.ts'
import { Route } from './route.ts'
import type { RoutedApp, RoutingTable } from './table.ts'
import type { LiveTarget } from './target.ts'

/** The routing table in force: host name → app. */
export class Routes {
  readonly #limits: Limits
  readonly #byApp = new Map<string, Route>()
  #byHost = new Map<string, Route>()
  /** Targets that are listed no more but have requests in flight. */
  readonly #retired = new Map<string, Set<LiveTarget>>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  find(host: string): Route | undefined {
    return this.#byHost.get(host)
  }

  /** The table as it is now, as it can be put into force again. */
  table(): RoutingTable {
    return { apps: [...this.#byApp.values()].map(route => route.app) }
  }

  replace(table: RoutingTable): void {
    const listed = new Set(table.apps.map(app => app.appId))
    const gone = [...this.#byApp.values()].filter(route => !listed.has(route.app.appId))
    for (const route of gone) this.#byApp.delete(route.app.appId)
    for (const app of table.apps) this.#route(app).app = app
    this.#indexHosts()
    for (const app of table.apps) this.#apply(app)
    for (const route of gone) this.#empty(route)
  }

  update(app: RoutedApp): void {
    this.#route(app).app = app
    this.#indexHosts()
    this.#apply(app)
  }

  remove(appId: string): void {
    const route = this.#byApp.get(appId)
    if (!route) return
    this.#byApp.delete(appId)
    this.#indexHosts()
    this.#empty(route)
  }

  /** Sends the dyno no new request, and calls back as soon as none is in flight. */
  drain(dynoId: string, drained: () => void): void {
    for (const route of this.#byApp.values()) {
      const live = route.target(dynoId)
      if (!live) continue
      this.#retire([live])
      route.withdraw(live)
    }
    const retired = [...(this.#retired.get(dynoId) ?? [])]
    let left = retired.length
    if (left === 0) {
      drained()
      return
    }
    for (const live of retired) live.whenIdle(() => --left === 0 && drained())
  }

  /** Retires every target: what is idle closes now, the rest when it ends. */
  clear(): void {
    this.replace({ apps: [] })
  }

  #route(app: RoutedApp): Route {
    const known = this.#byApp.get(app.appId)
    if (known) return known
    const route = new Route(app, this.#limits)
    this.#byApp.set(app.appId, route)
    return route
  }

  #apply(app: RoutedApp): void {
    this.#retire(this.#route(app).update(app))
  }

  /** Hosts lead elsewhere by now: what the route held chooses again and finds that out. */
  #empty(route: Route): void {
    this.#retire(route.update({ ...route.app, targets: [] }))
  }

  /** Remembers them until they are idle, for a drain that is asked for later. */
  #retire(gone: readonly LiveTarget[]): void {
    for (const live of gone) {
      const { dynoId } = live.target
      const others = this.#retired.get(dynoId) ?? new Set()
      this.#retired.set(dynoId, others.add(live))
      live.whenIdle(() => {
        others.delete(live)
        if (others.size === 0 && this.#retired.get(dynoId) === others) this.#retired.delete(dynoId)
      })
    }
  }

  #indexHosts(): void {
    const byHost = new Map<string, Route>()
    for (const route of this.#byApp.values()) for (const host of route.app.hosts) byHost.set(host, route)
    this.#byHost = byHost
  }
}
