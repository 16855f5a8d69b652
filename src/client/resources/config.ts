import type { Connection } from '../connection.ts'
import type { ConfigVars } from '../shapes.ts'
import { path } from './paths.ts'

/** The config vars of an app's newest release that has not failed. */
export class Config {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get(app: string): Promise<ConfigVars> {
    return this.#connection.call({ path: path('apps', app, 'config-vars') })
  }

  /** Sets (string) and removes (null), in one release; answers all that are set then. */
  patch(app: string, patch: Readonly<Record<string, string | null>>): Promise<ConfigVars> {
    return this.#connection.call({
      method: 'PATCH',
      path: path('apps', app, 'config-vars'),
      body: patch,
      isUnwarned: true,
    })
  }
}
