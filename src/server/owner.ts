import { readFile } from 'node:fs/promises'
import { createAccount } from '../actions/accounts.ts'
import { accountOfToken, issueToken } from '../actions/tokens.ts'
import type { Account } from '../core/account.ts'
import { writeDurably } from '../files/durable.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Makes sure there is an owner of the platform, and a token of theirs in `tokenFile`. */
export async function ensureOwner(
  ledger: Ledger,
  options: { email: string; tokenFile: string; now: number },
): Promise<Account> {
  const accounts = await ledger.read.accounts.list()
  const owner =
    accounts.find(account => account.isOwner) ??
    (await createAccount(ledger, { email: options.email, isOwner: true }))
  const token = await readFile(options.tokenFile, 'utf8').catch(() => '')
  const holder = token.trim() === '' ? undefined : await accountOfToken(ledger, token.trim(), options.now)
  if (holder?.account.id !== owner.id) {
    const { secret } = await issueToken(ledger, owner, {
      description: 'Token of the owner, made by the server',
      expiresIn: null,
    })
    await writeDurably(options.tokenFile, `${secret.reveal()}\n`)
  }
  return owner
}
