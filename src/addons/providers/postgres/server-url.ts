import { inspect } from 'node:util'
import type { Credentials } from './credentials.ts'

/** What an application has to know of how to connect; the rest of the admin's URL is the admin's. */
const SHARED = ['sslmode', 'host']

/** Where a server is and how its administrator logs in. Shown, it is a host and a port. */
export class ServerUrl {
  readonly #url: URL
  readonly #password: string

  /** Throws a sentence, without the URL, when it is none. */
  constructor(text: string) {
    const url = URL.parse(text)
    if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
      throw new Error(
        'The URL of the PostgreSQL server for add-ons must be postgres://user:password@host:port/database.',
      )
    }
    this.#password = decodeURIComponent(url.password) || (url.searchParams.get('password') ?? '')
    url.password = ''
    url.searchParams.delete('password')
    if (url.pathname.length <= 1) url.pathname = '/postgres'
    this.#url = url
  }

  get password(): string {
    return this.#password
  }

  /** As the administrator, in its own database or another one. */
  withPassword(database?: string): string {
    const url = new URL(this.withoutPassword(database))
    url.password = encodeURIComponent(this.#password)
    return url.href
  }

  /** The same for where others can read it; the password goes another way. */
  withoutPassword(database?: string): string {
    const url = new URL(this.#url)
    if (database !== undefined) url.pathname = `/${database}`
    return url.href
  }

  /** As an application has it. */
  forApplication(database: string, { role, password }: Credentials): string {
    const url = new URL(`postgres://${role}:${password}@${this.#url.host}/${database}`)
    for (const name of SHARED) {
      const value = this.#url.searchParams.get(name)
      if (value !== null) url.searchParams.set(name, value)
    }
    return url.href
  }

  toString(): string {
    return this.#url.host
  }

  toJSON(): string {
    return this.#url.host
  }

  [inspect.custom](): string {
    return this.#url.host
  }
}
