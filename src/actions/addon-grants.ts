import { UserError } from '../core/errors.ts'
import { type Duration, hours, minutes } from '../core/time.ts'
import type { AddonGrant } from '../ledger/addon-grants.ts'
import type { Ledger, Writer } from '../ledger/ledger.ts'
import { newToken, tokenHash } from './credentials.ts'

/** A code is exchanged once, right after its request; a request may be sent again. */
const CODE_LIFE = minutes(30)
const ACCESS_LIFE = hours(8)
const REFRESH_LIFE = hours(24 * 365)

/** What the tokens of providers begin with, so that they are never taken for somebody's own. */
const PREFIX = 'tma_'

/** What a provider is given to exchange for tokens of its own, good for one add-on. */
export async function issueGrantCode(
  ledger: Ledger,
  addonId: string,
): Promise<{ code: string; expiresAt: number }> {
  return ledger.transactPlatform(async tx => {
    const code = await issue(tx, { addonId, kind: 'code', lifetime: CODE_LIFE })
    return { code, expiresAt: tx.now + CODE_LIFE }
  })
}

export interface ProviderTokens {
  access: string
  refresh: string
  /** How long the access token holds. */
  lifetime: Duration
}

/** Exchanges a code, once, or a refresh token for tokens. Throws `bad_request`, the same for whatever is wrong. */
export async function exchangeGrant(
  ledger: Ledger,
  { secret, kind, clientSecret }: { secret: string; kind: 'code' | 'refresh'; clientSecret: string },
): Promise<ProviderTokens> {
  return ledger.transactPlatform(async tx => {
    const grant = await tx.addonGrants.byHash(tokenHash(secret))
    const addon = grant && (await tx.addons.byId(grant.addonId))
    const service = addon && (await tx.addonServices.byName(addon.service))
    const holds = grant?.kind === kind && grant.expiresAt > tx.now && addon?.state !== 'deprovisioned'
    if (!holds || service?.clientSecretHash !== tokenHash(clientSecret)) throw refused()
    if (kind === 'code') await tx.addonGrants.delete(grant.hash)
    const { addonId } = grant
    const access = await issue(tx, { addonId, kind: 'access', lifetime: ACCESS_LIFE })
    const refresh =
      kind === 'refresh' ? secret : await issue(tx, { addonId, kind: 'refresh', lifetime: REFRESH_LIFE })
    return { access, refresh, lifetime: ACCESS_LIFE }
  })
}

/** The id of the add-on that a provider's token is for; undefined when it is no such token, or holds no more. */
export async function addonOfToken(ledger: Ledger, secret: string, now: number): Promise<string | undefined> {
  if (!secret.startsWith(PREFIX)) return undefined
  const grant = await ledger.read.addonGrants.byHash(tokenHash(secret))
  return grant?.kind === 'access' && grant.expiresAt > now ? grant.addonId : undefined
}

async function issue(
  tx: Writer,
  { addonId, kind, lifetime }: Pick<AddonGrant, 'addonId' | 'kind'> & { lifetime: Duration },
): Promise<string> {
  const secret = newToken(PREFIX)
  await tx.addonGrants.insert({ hash: tokenHash(secret), addonId, kind, expiresAt: tx.now + lifetime })
  return secret
}

function refused(): UserError {
  return new UserError(
    'bad_request',
    'The grant is invalid: it is unknown, was used, has expired, or the client secret is not its own.',
  )
}
