import type { Connection } from '../connection.ts'
import type { Account, NewAccount } from '../shapes.ts'
import { path } from './paths.ts'

/** The caller's own account and, for the owner of the platform, everybody's; `who` is an e-mail address or an id. */
export class Accounts {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  self(): Promise<Account> {
    return this.#connection.call({ path: '/account' })
  }

  list(): Promise<Account[]> {
    return this.#connection.list('/accounts')
  }

  create(account: { email: string; password?: string }): Promise<NewAccount> {
    return this.#connection.call({ method: 'POST', path: '/accounts', body: account })
  }

  disable(who: string): Promise<Account> {
    return this.#connection.call({
      method: 'POST',
      path: path('accounts', who, 'actions', 'disable'),
      body: {},
    })
  }

  enable(who: string): Promise<Account> {
    return this.#connection.call({
      method: 'POST',
      path: path('accounts', who, 'actions', 'enable'),
      body: {},
    })
  }

  setPassword(who: string, password: string): Promise<Account> {
    return this.#connection.call({
      method: 'PUT',
      path: path('accounts', who, 'password'),
      body: { password },
    })
  }
}
