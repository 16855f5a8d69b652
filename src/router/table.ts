/** The routing table: what the control plane tells the router, whole on connecting and app by app afterwards. */
export interface RoutingTable {
  apps: readonly RoutedApp[]
}

export interface RoutedApp {
  appId: string
  name: string
  /** Full host names, lower case, without port: `sushi.localhost`. */
  hosts: readonly string[]
  maintenance: boolean
  /** Ready web dynos of one release; requests go to these and only these. */
  targets: readonly Target[]
  /** Why there is no target: chooses the error page. */
  state: AppState
}

/** `blank` has no code (H81); `scaled-down` wants no web dyno (H14); `crashed` (H10); `booting` is waited for (H20). */
export type AppState = 'serving' | 'blank' | 'scaled-down' | 'crashed' | 'booting'

export interface Target {
  /** Id of the dyno; the same dyno keeps its id for life. */
  dynoId: string
  /** `web.1` */
  dyno: string
  host: string
  port: number
  /** Answers of all its dynos are counted together. */
  releaseId?: string
}
