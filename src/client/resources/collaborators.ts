import type { Connection } from '../connection.ts'
import type { Collaborator } from '../shapes.ts'
import { path } from './paths.ts'

/** Who else may work on an app. */
export class Collaborators {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(app: string): Promise<Collaborator[]> {
    return this.#connection.list(path('apps', app, 'collaborators'))
  }

  add(app: string, email: string): Promise<Collaborator> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'collaborators'),
      body: { user: email },
    })
  }

  remove(app: string, email: string): Promise<Collaborator> {
    return this.#connection.call({ method: 'DELETE', path: path('apps', app, 'collaborators', email) })
  }
}
