import type { Connection } from '../connection.ts'
import type { Authorization } from '../shapes.ts'
import { path } from './paths.ts'

/** The caller's tokens. */
export class Authorizations {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Logs in: a new token for an e-mail address and password. `expiresIn` is in seconds. */
  logIn(login: {
    email: string
    password: string
    description: string
    expiresIn: number
  }): Promise<Authorization> {
    const basic = Buffer.from(`${login.email}:${login.password}`).toString('base64')
    return this.#connection.call({
      method: 'POST',
      path: '/oauth/authorizations',
      headers: { authorization: `Basic ${basic}` },
      body: { description: login.description, expires_in: login.expiresIn, scope: ['global'] },
    })
  }

  list(): Promise<Authorization[]> {
    return this.#connection.list('/oauth/authorizations')
  }

  /** `expiresIn` is in seconds; null is for ever. */
  create(token: { description: string; expiresIn: number | null }): Promise<Authorization> {
    const body = { description: token.description, expires_in: token.expiresIn, scope: ['global'] }
    return this.#connection.call({ method: 'POST', path: '/oauth/authorizations', body })
  }

  /** The token that this very call carries. */
  current(): Promise<Authorization> {
    return this.#connection.call({ path: '/oauth/authorizations/~' })
  }

  revoke(id: string): Promise<Authorization> {
    return this.#connection.call({ method: 'DELETE', path: path('oauth', 'authorizations', id) })
  }
}
