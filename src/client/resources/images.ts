import type { Readable } from 'node:stream'
import { minutes } from '../../core/time.ts'
import type { Connection } from '../connection.ts'
import type { OciImage, Verification } from '../shapes.ts'
import { path } from './paths.ts'

/** A large image, a slow disk, and then an engine that has to load it. */
const VERIFICATION = minutes(20)

/** Images that come from outside, and go there. */
export class Images {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Makes a place for an image; `upload` fills it. */
  open(
    app: string,
    draft: { commit?: string; process_types?: Readonly<Record<string, string>> },
  ): Promise<{ id: string; blob: { url: string } }> {
    return this.#connection.call({ method: 'POST', path: path('apps', app, 'oci-images'), body: draft })
  }

  /** Sends a tar of an OCI image layout; `size` is null where it is not known beforehand. */
  upload(url: string, archive: Readable, size: number | null): Promise<void> {
    return this.#connection.upload(url, archive, size)
  }

  async info(app: string, id: string): Promise<OciImage> {
    const [image] = await this.#connection.list<OciImage>(path('apps', app, 'oci-images', id))
    if (!image) throw new Error(`${app} has no image ${id}.`)
    return image
  }

  /** Has every byte of an image read again, and its image in the Docker engine made again where that was lost. */
  verify(app: string, id: string): Promise<Verification> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'oci-images', id, 'actions', 'verify'),
      body: {},
      patience: VERIFICATION,
    })
  }

  /** A tar of an OCI image layout. */
  download(url: string): Promise<Readable> {
    return this.#connection.stream(url, { accept: 'application/x-tar' })
  }
}
