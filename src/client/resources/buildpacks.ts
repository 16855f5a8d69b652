import type { Connection } from '../connection.ts'
import type { BuildpackInstallation } from '../shapes.ts'
import { path } from './paths.ts'

/** The buildpacks of an app's next build, in order. */
export class Buildpacks {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async list(app: string): Promise<string[]> {
    const rows = await this.#connection.list<BuildpackInstallation>(
      path('apps', app, 'buildpack-installations'),
    )
    return rows.map(row => row.buildpack.url)
  }

  async set(app: string, urls: readonly string[]): Promise<string[]> {
    const rows = await this.#connection.call<BuildpackInstallation[]>({
      method: 'PUT',
      path: path('apps', app, 'buildpack-installations'),
      body: { updates: urls.map(buildpack => ({ buildpack })) },
    })
    return rows.map(row => row.buildpack.url)
  }
}
