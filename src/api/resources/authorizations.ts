import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { issueToken, revokeToken } from '../../actions/tokens.ts'
import type { Token } from '../../core/account.ts'
import { notFound } from '../../core/errors.ts'
import { isoSeconds, seconds } from '../../core/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AuthorizationShape, NewAuthorization } from '../schema/account.ts'

type AuthorizationBody = Static<typeof AuthorizationShape>

const AuthorizationParams = Type.Object({
  authorization: Type.String({ description: 'Id, or ~ for the token in use' }),
})

/** API tokens. Only hashes are kept: a token can be shown when it is made, and to the request that carries it. */
export function authorizationRoutes(api: Api, context: ApiContext): void {
  issueRoutes(api, context)
  ownRoutes(api, context)
  api.delete('/oauth/sessions/:session', { schema: { tags: ['authorization'], hide: true } }, async () => {
    throw notFound('session')
  })
}

function issueRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const tags = ['authorization']

  api.post(
    '/oauth/authorizations',
    {
      config: { access: 'password' },
      schema: {
        tags,
        summary: 'Issue a token, for an e-mail address and password or another token',
        security: [{ password: [] }, { token: [] }],
        body: NewAuthorization,
        response: { 201: AuthorizationShape },
      },
    },
    async (request, reply) => {
      const { description, expires_in } = request.body
      const { token, secret } = await issueToken(ledger, request.account, {
        description: description ?? 'Long-lived user authorization',
        expiresIn: expires_in == null ? null : seconds(expires_in),
      })
      reply.code(201)
      return present(context, { request, token, secret: secret.reveal() })
    },
  )

  api.get(
    '/oauth/authorizations',
    { schema: { tags, summary: "The account's tokens", response: { 200: Type.Array(AuthorizationShape) } } },
    async request => {
      const tokens = await ledger.read.accounts.tokens(request.account.id)
      // Whoever logs out finds the token to revoke by its value.
      return tokens.map(token => present(context, { request, token, secret: ownSecret(request, token) }))
    },
  )
}

/** One token of the account's own. */
function ownRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const schema = {
    tags: ['authorization'],
    params: AuthorizationParams,
    response: { 200: AuthorizationShape },
  }
  const path = '/oauth/authorizations/:authorization'

  api.get(path, { schema: { ...schema, summary: 'One token' } }, async request => {
    const token = await findToken(ledger, request.account.id, tokenId(request))
    return present(context, { request, token, secret: null })
  })

  api.delete(path, { schema: { ...schema, summary: 'Revoke a token' } }, async request => {
    const token = await findToken(ledger, request.account.id, tokenId(request))
    await revokeToken(ledger, request.account, token.id)
    return present(context, { request, token, secret: null })
  })
}

async function findToken(ledger: Ledger, accountId: string, id: string): Promise<Token> {
  const token = (await ledger.read.accounts.tokens(accountId)).find(candidate => candidate.id === id)
  if (!token) throw notFound('authorization')
  return token
}

function tokenId(request: Pick<FastifyRequest, 'token'> & { params: { authorization: string } }): string {
  const { authorization } = request.params
  return authorization === '~' ? (request.token?.token.id ?? '') : authorization
}

function ownSecret(request: FastifyRequest, token: Token): string | null {
  return request.token?.token.id === token.id ? request.token.secret : null
}

function present(
  { clock }: Pick<ApiContext, 'clock'>,
  {
    request,
    token,
    secret,
  }: { request: Pick<FastifyRequest, 'account'>; token: Token; secret: string | null },
): AuthorizationBody {
  const expiresIn =
    token.expiresAt === null ? null : Math.max(0, Math.floor((token.expiresAt - clock()) / 1000))
  return {
    id: token.id,
    description: token.description,
    scope: ['global'],
    access_token: { id: token.id, token: secret, expires_in: expiresIn },
    client: null,
    grant: null,
    refresh_token: null,
    session: null,
    user: { id: request.account.id, email: request.account.email },
    created_at: isoSeconds(token.createdAt),
    updated_at: isoSeconds(token.updatedAt),
  }
}
