import type { Readable } from 'node:stream'
import type { Connection } from '../connection.ts'
import type { Build, Source } from '../shapes.ts'
import { path } from './paths.ts'

export class Builds {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The newest `max`, newest first. */
  list(app: string, { max }: { max: number }): Promise<Build[]> {
    return this.#connection.list(path('apps', app, 'builds'), `created_at ..; max=${max}, order=desc`, max)
  }

  info(app: string, build: string): Promise<Build> {
    return this.#connection.call({ path: path('apps', app, 'builds', build) })
  }

  create(app: string, source: { url: string; version?: string }): Promise<Build> {
    const body = { source_blob: { url: source.url, ...(source.version && { version: source.version }) } }
    return this.#connection.call({ method: 'POST', path: path('apps', app, 'builds'), body })
  }

  /** Ends a build that has not ended yet. */
  cancel(app: string, build: string): Promise<Build> {
    return this.#connection.call({ method: 'DELETE', path: path('apps', app, 'builds', build) })
  }

  /** A build's output from its beginning, until the build ends. */
  async output(build: Build, signal?: AbortSignal): Promise<Readable> {
    return this.#connection.stream(build.output_stream_url, { accept: 'text/plain' }, signal)
  }

  /** Hands a gzipped tarball of `size` bytes to the platform and answers the URL that a build takes it from. */
  async upload(app: string, tarball: Readable, size: number): Promise<string> {
    const source = await this.#connection.call<Source>({
      method: 'POST',
      path: path('apps', app, 'sources'),
      body: {},
    })
    await this.#connection.upload(source.source_blob.put_url, tarball, size)
    return source.source_blob.get_url
  }
}
