import { type Account, type Actor, isEmail } from '../core/account.ts'
import { invalid, notFound, UserError } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { hashPassword } from './credentials.ts'

/** Creates an account. Without a password it can only use tokens made for it. */
export async function createAccount(
  ledger: Ledger,
  draft: { email: string; name?: string; password?: string; isOwner: boolean },
): Promise<Account> {
  if (isProgram(draft.email))
    throw invalid(`Addresses at ${draft.email.split('@')[1]} are the platform's own. Choose another one.`)
  if (!isEmail(draft.email)) throw invalid(`${JSON.stringify(draft.email)} is not an e-mail address.`)
  const passwordHash = draft.password === undefined ? null : await hashPassword(draft.password)
  return ledger.transactPlatform(async tx => {
    if (await tx.accounts.byEmail(draft.email))
      throw invalid(`An account with the e-mail address ${draft.email} exists already.`)
    const { email, isOwner } = draft
    const account = await tx.accounts.insert({ email, name: draft.name ?? null, passwordHash, isOwner })
    tx.emit(null, 'account:update', { id: account.id, email: account.email })
    return account
  })
}

/** Disables an account: its tokens are revoked and it cannot log in; what it did stays in the ledger. */
export async function disableAccount(ledger: Ledger, by: Actor, who: string): Promise<Account> {
  return changeAccount(ledger, who, async (tx, account) => {
    if (account.isOwner || account.id === by.id) {
      throw new UserError('forbidden', 'The owner of the platform cannot be disabled.')
    }
    await tx.accounts.update(account.id, { disabledAt: tx.now })
    await tx.accounts.deleteTokens(account.id)
  })
}

export async function enableAccount(ledger: Ledger, who: string): Promise<Account> {
  return changeAccount(ledger, who, (tx, account) => {
    if (isProgram(account.email))
      throw new UserError(
        'forbidden',
        `${account.email} is the platform's own account: nobody logs in with it.`,
      )
    return tx.accounts.update(account.id, { disabledAt: null })
  })
}

/** Sets a password and, since whoever knew the old one may hold tokens, revokes all of the account's tokens. */
export async function setPassword(ledger: Ledger, who: string, password: string): Promise<Account> {
  const passwordHash = await hashPassword(password)
  return changeAccount(ledger, who, async (tx, account) => {
    await tx.accounts.update(account.id, { passwordHash })
    await tx.accounts.deleteTokens(account.id)
  })
}

export async function renameAccount(ledger: Ledger, who: string, name: string): Promise<Account> {
  return changeAccount(ledger, who, (tx, account) => tx.accounts.update(account.id, { name }))
}

type Writer = Parameters<Parameters<Ledger['transactPlatform']>[0]>[0]

async function changeAccount(
  ledger: Ledger,
  who: string,
  change: (tx: Writer, account: Account) => Promise<unknown>,
): Promise<Account> {
  return ledger.transactPlatform(async tx => {
    const account = (await tx.accounts.byEmail(who)) ?? (await tx.accounts.byId(who))
    if (!account) throw notFound('account')
    await change(tx, account)
    tx.emit(null, 'account:update', { id: account.id, email: account.email })
    return (await tx.accounts.byId(account.id)) ?? account
  })
}

/** Accounts that stand in the ledger for the platform itself and for those who provide add-ons. */
function isProgram(email: string): boolean {
  return /@(addons\.)?tidemark$/i.test(email)
}
