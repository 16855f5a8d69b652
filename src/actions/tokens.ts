import type { Account, Token } from '../core/account.ts'
import { notFound, UserError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import type { Duration } from '../core/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isPassword, newToken, tokenHash } from './credentials.ts'

export interface IssuedToken {
  token: Token
  /** Shown this once. */
  secret: Secret
}

/** Issues a token that may do whatever its account may. */
export async function issueToken(
  ledger: Ledger,
  account: Pick<Account, 'id'>,
  draft: { description: string; expiresIn: Duration | null },
): Promise<IssuedToken> {
  const secret = newToken()
  const token = await ledger.transactPlatform(tx =>
    tx.accounts.insertToken({
      accountId: account.id,
      hash: tokenHash(secret),
      description: draft.description,
      expiresAt: draft.expiresIn === null ? null : tx.now + draft.expiresIn,
    }),
  )
  return { token, secret: new Secret(secret) }
}

export async function revokeToken(
  ledger: Ledger,
  account: Pick<Account, 'id'>,
  tokenId: string,
): Promise<void> {
  await ledger.transactPlatform(async tx => {
    if (!(await tx.accounts.deleteToken(account.id, tokenId))) throw notFound('authorization')
  })
}

/** Who a token stands for; undefined when it is unknown, revoked, expired or its account disabled. */
export async function accountOfToken(
  ledger: Ledger,
  secret: string,
  now: number,
): Promise<{ account: Account; token: Token } | undefined> {
  const found = await ledger.read.accounts.byTokenHash(tokenHash(secret))
  if (!found || found.account.disabledAt !== null) return undefined
  return found.token.expiresAt !== null && found.token.expiresAt <= now ? undefined : found
}

/** Who an e-mail address and password stand for. Throws `unauthorized`, the same for every reason. */
export async function accountOfPassword(ledger: Ledger, email: string, password: string): Promise<Account> {
  const account = await ledger.read.accounts.byEmail(email)
  const isRight = await isPassword(
    password,
    account ? await ledger.read.accounts.passwordHash(account.id) : null,
  )
  if (!account || !isRight || account.disabledAt !== null) {
    throw new UserError('unauthorized', 'Invalid credentials provided.')
  }
  return account
}
