import { Type } from '@sinclair/typebox'
import { renameAccount, setPassword } from '../../actions/accounts.ts'
import { accountOfPassword } from '../../actions/tokens.ts'
import { invalid, notFound } from '../../core/errors.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { presentAccount } from '../presenters/account.ts'
import type { RateLimit } from '../rate-limit.ts'
import { AccountShape, AccountUpdate } from '../schema/account.ts'

/** The account that asks. */
export function accountRoutes(api: Api, { ledger }: ApiContext, requests: RateLimit): void {
  const schema = { tags: ['account'], response: { 200: AccountShape } }

  for (const path of ['/account', '/users/~']) {
    api.get(path, { schema: { ...schema, summary: 'The account that asks' } }, async request =>
      presentAccount(request.account),
    )
  }

  api.patch(
    '/account',
    {
      schema: {
        ...schema,
        summary: 'Change name or password; another password revokes all tokens',
        body: AccountUpdate,
      },
    },
    async request => {
      const { id, email } = request.account
      const { name, password, new_password } = request.body
      let account = request.account
      if (name !== undefined) account = await renameAccount(ledger, id, name)
      if (new_password !== undefined) {
        if (password === undefined) throw invalid('To set another password, send the one of now as password.')
        await accountOfPassword(ledger, email, password).catch(() => {
          throw invalid('The password of now is not right.')
        })
        account = await setPassword(ledger, id, new_password)
      }
      return presentAccount(account)
    },
  )

  limitRoute(api, requests)
  featureRoutes(api)
}

function limitRoute(api: Api, requests: RateLimit): void {
  api.get(
    '/account/rate-limits',
    {
      config: { isFree: true },
      schema: {
        tags: ['account'],
        summary: 'Requests left',
        response: { 200: Type.Object({ remaining: Type.Integer() }) },
      },
    },
    async request => ({ remaining: requests.remaining(request.account.id) }),
  )
}

/** There are no experiments to take part in. */
function featureRoutes(api: Api): void {
  api.get('/account/features', { schema: { tags: ['account'] } }, async () => [])
  api.all('/account/features/:feature', { schema: { tags: ['account'], hide: true } }, async () => {
    throw notFound('feature')
  })
}
