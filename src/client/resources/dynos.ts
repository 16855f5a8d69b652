import type { Connection } from '../connection.ts'
import type { Dyno } from '../shapes.ts'
import { path } from './paths.ts'

/** Which dynos: one by name, all of a process type, or every one of the app. */
export type DynoChoice = { dyno: string } | { type: string } | 'all'

export class Dynos {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(app: string): Promise<Dyno[]> {
    return this.#connection.list(path('apps', app, 'dynos'))
  }

  /** Starts a one-off dyno that nobody is attached to. */
  run(app: string, dyno: { command: string; size?: string }): Promise<Dyno> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'dynos'),
      body: { ...dyno, attach: false },
    })
  }

  async restart(app: string, choice: DynoChoice): Promise<void> {
    await this.#connection.call({ method: 'DELETE', path: chosen(app, choice) })
  }

  async stop(app: string, choice: Exclude<DynoChoice, 'all'>): Promise<void> {
    await this.#connection.call({ method: 'POST', path: `${chosen(app, choice)}/actions/stop`, body: {} })
  }
}

function chosen(app: string, choice: DynoChoice): string {
  if (choice === 'all') return path('apps', app, 'dynos')
  return 'dyno' in choice
    ? path('apps', app, 'dynos', choice.dyno)
    : path('apps', app, 'formations', choice.type)
}
