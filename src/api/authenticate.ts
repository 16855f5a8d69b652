import type { FastifyRequest } from 'fastify'
import { addonOfToken } from '../actions/addon-grants.ts'
import { providerAccount } from '../actions/program-account.ts'
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
  const { access, isForProviders } = request.routeOptions.config
  if (access === 'provider' || isForProviders) {
    const addonId = await addonOfToken(context.ledger, secret, context.clock())
    if (addonId !== undefined) return asProvider(context, request, addonId)
    if (access === 'provider') throw unauthorized('This takes a token of the provider of the add-on.')
  }
  const found = await accountOfToken(context.ledger, secret, context.clock())
  if (!found) throw unauthorized('Invalid credentials provided.')
  request.account = found.account
  request.token = { token: found.token, secret }
}

/** A provider acts as the account that is in the ledger for it. */
async function asProvider(
  { ledger }: Pick<ApiContext, 'ledger'>,
  request: FastifyRequest,
  addonId: string,
): Promise<void> {
  const addon = await ledger.read.addons.byId(addonId)
  if (!addon) throw unauthorized('Invalid credentials provided.')
  const { id } = await providerAccount(ledger, addon.service)
  const account = await ledger.read.accounts.byId(id)
  if (!account) throw new Error(`Account ${id} is gone.`)
  request.addonId = addonId
  request.account = account
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
