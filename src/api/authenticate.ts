import type { FastifyRequest } from 'fastify'
import { accountOfPassword, accountOfToken } from '../actions/tokens.ts'
import { UserError } from '../core/errors.ts'
import type { ApiContext } from './context.ts'
import type { RateLimit } from './rate-limit.ts'

type Credentials = { token: string } | { email: string; password: string }

/** Says who asks, or throws `unauthorized`. Passwords count only where `access` is `password`: where tokens are made. */
export async function authenticate(
  context: Pick<ApiContext, 'ledger' | 'clock'>,
  request: FastifyRequest,
  logins: RateLimit,
): Promise<void> {
  const credentials = parseAuthorization(request.headers.authorization)
  if (!credentials) throw unauthorized('No credentials were provided. Send Authorization: Bearer <token>.')
  const isLogin = request.routeOptions.config.access === 'password'
  if ('email' in credentials && isLogin && credentials.email.includes('@')) {
    // Guessing is slow for the one who guesses, and does not lock out the one who knows.
    logins.take(`${request.ip} ${credentials.email.toLowerCase()}`)
    request.account = await accountOfPassword(context.ledger, credentials.email, credentials.password)
    return
  }
  const secret = 'token' in credentials ? credentials.token : credentials.password
  const found = await accountOfToken(context.ledger, secret, context.clock())
  if (!found) throw unauthorized('Invalid credentials provided.')
  request.account = found.account
  request.token = { token: found.token, secret }
}

/** `Bearer TOKEN`, `Basic :TOKEN`, `Basic anything:TOKEN`, or `Basic email:password`. */
function parseAuthorization(header: string | undefined): Credentials | undefined {
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)\s*$/.exec(header ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return { token: value }
  if (scheme.toLowerCase() !== 'basic') return undefined
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  return { email: text.slice(0, colon), password: text.slice(colon + 1) }
}

function unauthorized(message: string): UserError {
  return new UserError('unauthorized', message)
}
