import { Type } from '@sinclair/typebox'
import { createAccount, disableAccount, enableAccount, setPassword } from '../../actions/accounts.ts'
import { issueToken } from '../../actions/tokens.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { requirePlatformOwner } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentAccount } from '../presenters/account.ts'
import { AccountShape, MadeAccount, NewAccount, PasswordBody } from '../schema/account.ts'

const AccountParams = Type.Object({ account: Type.String({ description: 'Id or e-mail address' }) })

/** Everybody's accounts, for the owner of the platform. */
export function accountsRoutes(api: Api, { ledger }: ApiContext): void {
  api.get(
    '/accounts',
    { schema: { tags: ['accounts'], summary: 'All accounts', response: { 200: Type.Array(AccountShape) } } },
    async request => {
      requirePlatformOwner(request.account)
      return (await ledger.read.accounts.list()).map(presentAccount)
    },
  )

  api.post(
    '/accounts',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Create an account',
        body: NewAccount,
        response: { 201: MadeAccount },
      },
    },
    async (request, reply) => {
      requirePlatformOwner(request.account)
      const { email, name, password, is_owner } = request.body
      const account = await createAccount(ledger, {
        email,
        isOwner: is_owner ?? false,
        ...(name != null && { name }),
        ...(password !== undefined && { password }),
      })
      reply.code(201)
      if (password !== undefined) return presentAccount(account)
      // Without a password there would be no way in.
      const { secret } = await issueToken(ledger, account, { description: 'First token', expiresIn: null })
      return { ...presentAccount(account), token: secret.reveal() }
    },
  )

  changeRoutes(api, ledger)
}

function changeRoutes(api: Api, ledger: Ledger): void {
  const one = { tags: ['accounts'], params: AccountParams, response: { 200: AccountShape } }

  api.post(
    '/accounts/:account/actions/disable',
    { schema: { ...one, summary: 'Disable an account' } },
    async request => {
      requirePlatformOwner(request.account)
      return presentAccount(await disableAccount(ledger, request.account, request.params.account))
    },
  )

  api.post(
    '/accounts/:account/actions/enable',
    { schema: { ...one, summary: 'Enable an account' } },
    async request => {
      requirePlatformOwner(request.account)
      return presentAccount(await enableAccount(ledger, request.params.account))
    },
  )

  api.put(
    '/accounts/:account/password',
    { schema: { ...one, summary: 'Set a password; revokes all tokens of the account', body: PasswordBody } },
    async request => {
      requirePlatformOwner(request.account)
      return presentAccount(await setPassword(ledger, request.params.account, request.body.password))
    },
  )
}
