import type { Readable } from 'node:stream'
import type { Connection } from '../connection.ts'
import type { ConfigVars, Release, RollbackReport } from '../shapes.ts'
import { path } from './paths.ts'

/** An app's ledger. A release is named by its version (`40` or `v40`) or its id. */
export class Releases {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The newest `max`, newest first. */
  list(app: string, { max }: { max: number }): Promise<Release[]> {
    const page = Math.min(max, 1000)
    return this.#connection.list(path('apps', app, 'releases'), `version ..; max=${page}, order=desc`, max)
  }

  /** The newest release that `is` what is looked for, however far back; undefined when none is. */
  async find(app: string, is: (release: Release) => boolean): Promise<Release | undefined> {
    const pages = this.#connection.pages<Release>(
      path('apps', app, 'releases'),
      'version ..; max=200, order=desc',
    )
    for await (const page of pages) {
      const found = page.find(is)
      if (found) return found
    }
    return undefined
  }

  async newest(app: string): Promise<Release> {
    const [release] = await this.list(app, { max: 1 })
    if (!release) throw new Error(`The platform shows no release of ${app}; every app has at least one.`)
    return release
  }

  info(app: string, release: string): Promise<Release> {
    return this.#connection.call({ path: path('apps', app, 'releases', bare(release)) })
  }

  /** The config vars of that moment. */
  config(app: string, release: string): Promise<ConfigVars> {
    return this.#connection.call({ path: path('apps', app, 'releases', bare(release), 'config-vars') })
  }

  /** What the release command printed from byte `offset` on, until it ends. `url` is the release's own. */
  output(url: string, offset: number, signal?: AbortSignal): Promise<Readable> {
    const range = offset > 0 ? { range: `bytes=${offset}-` } : {}
    return this.#connection.stream(url, { accept: 'text/plain', ...range }, signal)
  }

  /** Releases a slug or an image, with today's config vars. */
  create(app: string, draft: { slug?: string; oci_image?: string; description?: string }): Promise<Release> {
    return this.#connection.call({ method: 'POST', path: path('apps', app, 'releases'), body: draft })
  }

  /** Ends a pending release; one that has failed already is answered as it is. */
  cancel(app: string, release: string): Promise<Release> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'releases', bare(release), 'actions', 'cancel'),
      body: {},
    })
  }

  /** What going back to a release would change. */
  rollbackReport(
    app: string,
    release: string,
    { keepsAddonConfig }: { keepsAddonConfig: boolean },
  ): Promise<RollbackReport> {
    const report = path('apps', app, 'releases', bare(release), 'rollback-report')
    return this.#connection.call({ path: keepsAddonConfig ? `${report}?keep_addon_config=true` : report })
  }

  /** Exempts a release from retention. */
  pin(app: string, id: string, reason: string): Promise<Release> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'releases', id, 'actions', 'pin'),
      body: { reason },
    })
  }

  unpin(app: string, id: string): Promise<Release> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'releases', id, 'actions', 'unpin'),
      body: {},
    })
  }

  /** Appends a copy of the release with this id. What there is to be warned of, its report says. */
  rollback(app: string, id: string, { keepsAddonConfig = false } = {}): Promise<Release> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'releases'),
      body: { release: id, ...(keepsAddonConfig && { keep_addon_config: true }) },
      isUnwarned: true,
    })
  }
}

function bare(release: string): string {
  return release.replace(/^v(?=\d+$)/i, '')
}
