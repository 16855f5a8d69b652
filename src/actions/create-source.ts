import type { Actor } from '../core/account.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Opens a place for one source tarball; returns its id. */
export async function createSource(ledger: Ledger, by: Actor, appId: string | null): Promise<string> {
  return ledger.transactPlatform(tx => tx.sources.insert({ accountId: by.id, appId }))
}

/** Says that a source has arrived whole. */
export async function receiveSource(ledger: Ledger, id: string): Promise<void> {
  await ledger.transactPlatform(tx => tx.sources.markReceived(id))
}
