import type { Connection } from '../connection.ts'
import type { Disk, RetentionPolicy, Sweep } from '../shapes.ts'
import { path } from './paths.ts'

/** What is left out stays; null takes the platform's again. */
export type RetentionChange = { [name in 'days' | 'releases' | 'rule']?: RetentionPolicy[name] }

/** How long artifacts are kept, and what is on disk. */
export class Retention {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  policy(app: string): Promise<RetentionPolicy> {
    return this.#connection.call({ path: path('apps', app, 'retention-policy') })
  }

  set(app: string, change: RetentionChange): Promise<RetentionPolicy> {
    return this.#connection.call({
      method: 'PATCH',
      path: path('apps', app, 'retention-policy'),
      body: change,
    })
  }

  /** Destroys what the policy no longer keeps; with `isDryRun`, only says what that is. */
  sweep(app: string, { isDryRun }: { isDryRun: boolean }): Promise<Sweep> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'actions', 'sweep'),
      body: { dry_run: isDryRun },
    })
  }

  /** What the caller's apps take, or one of them. */
  disk(app?: string): Promise<Disk> {
    const query = app === undefined ? '' : `?app=${encodeURIComponent(app)}`
    return this.#connection.call({ path: `/disk${query}` })
  }
}
