import type { Connection } from '../connection.ts'
import type { App, Check, Stack } from '../shapes.ts'
import { path } from './paths.ts'

/** Seconds; null takes the platform's again. */
export type SettingsChange = { [name in keyof App['settings']]?: number | null }

/** Apps, named by name or id. */
export class Apps {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Those the caller owns or works on. */
  list(): Promise<App[]> {
    return this.#connection.list('/users/~/apps')
  }

  info(app: string): Promise<App> {
    return this.#connection.call({ path: path('apps', app) })
  }

  create(draft: { name?: string; stack?: string }): Promise<App> {
    return this.#connection.call({ method: 'POST', path: '/apps', body: draft })
  }

  update(
    app: string,
    change: { name?: string; maintenance?: boolean; build_stack?: string; settings?: SettingsChange },
  ): Promise<App> {
    return this.#connection.call({ method: 'PATCH', path: path('apps', app), body: change })
  }

  /** What apps can run on here, the usual one first. */
  stacks(): Promise<Stack[]> {
    return this.#connection.call({ path: '/stacks' })
  }

  /** What really runs, against what should. */
  doctor(app: string): Promise<Check[]> {
    return this.#connection.call({ path: path('apps', app, 'doctor') })
  }

  destroy(app: string): Promise<App> {
    return this.#connection.call({ method: 'DELETE', path: path('apps', app) })
  }
}
