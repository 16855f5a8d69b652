import type { Connection } from '../connection.ts'
import type { Formation } from '../shapes.ts'
import { path } from './paths.ts'

export interface FormationUpdate {
  type: string
  /** `2`, or `+1` and `-1` counted from what there is. */
  quantity?: string
  size?: string
}

/** How many dynos of each process type an app runs. */
export class Formations {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(app: string): Promise<Formation[]> {
    return this.#connection.list(path('apps', app, 'formation'))
  }

  update(app: string, updates: readonly FormationUpdate[]): Promise<Formation[]> {
    return this.#connection.call({ method: 'PATCH', path: path('apps', app, 'formation'), body: { updates } })
  }
}
