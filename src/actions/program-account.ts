import type { Actor } from '../core/account.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Who acts where nobody asked: an account that can neither log in nor use a token. */
export async function programAccount(
  ledger: Ledger,
  { email, name }: { email: string; name: string },
): Promise<Actor> {
  const known = await ledger.read.accounts.byEmail(email)
  if (known) return known
  return ledger.transactPlatform(async tx => {
    const made = await tx.accounts.byEmail(email)
    if (made) return made
    const account = await tx.accounts.insert({ email, name, passwordHash: null, isOwner: false })
    await tx.accounts.update(account.id, { disabledAt: tx.now })
    return account
  })
}

/** The account of the platform itself. */
export function platformAccount(ledger: Ledger): Promise<Actor> {
  return programAccount(ledger, { email: 'platform@tidemark', name: 'Tidemark' })
}

/** The account of whoever provides a service. */
export function providerAccount(ledger: Ledger, service: string): Promise<Actor> {
  return programAccount(ledger, { email: `${service}@addons.tidemark`, name: service })
}
