import type { Answering } from '../core/step.ts'

/** Where an app's traffic goes: what the runtime tells the router. */
export interface Route {
  appId: string
  name: string
  maintenance: boolean
  answering: Answering
  targets: readonly { dynoId: string; dyno: string; releaseId: string; address: string }[]
}

/** The router, as the runtime needs it. */
export interface Routing {
  /** Takes the place of the app's route before. */
  route(route: Route): void
  remove(appId: string): void
  /** Resolves once the router acts on everything it was told so far. */
  applied(signal: AbortSignal): Promise<void>
  /** Resolves once no request to the dyno is in flight. */
  drained(dynoId: string, signal: AbortSignal): Promise<void>
}
