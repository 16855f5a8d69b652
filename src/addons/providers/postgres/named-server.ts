import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server } from './server.ts'
import { ServerUrl } from './server-url.ts'

/** A server that the platform's owner runs and named: it is asked, never started or stopped. */
export class NamedServer implements Server {
  readonly #directory: string
  readonly #url: ServerUrl

  /** Throws a sentence when `url` is none. */
  constructor(directory: string, url: string) {
    this.#directory = directory
    this.#url = new ServerUrl(url)
  }

  async wasWanted(): Promise<boolean> {
    return (await stat(this.#mark).catch(() => undefined)) !== undefined
  }

  async reach(): Promise<ServerUrl> {
    if (await this.wasWanted()) return this.#url
    await mkdir(this.#directory, { recursive: true, mode: 0o711 })
    await writeFile(this.#mark, 'Add-ons may have been made on the PostgreSQL server that was named.\n')
    return this.#url
  }

  async resume(): Promise<void> {}

  async stop(): Promise<void> {}

  release(): void {}

  get #mark(): string {
    return join(this.#directory, 'named-server-in-use')
  }
}
