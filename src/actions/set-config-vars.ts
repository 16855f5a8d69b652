import type { Actor } from '../core/account.ts'
import { type ConfigVars, checkPatch, effective } from '../core/config-vars.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { appendRelease } from './append-release.ts'
import { checkSeen, type SeenStates } from './precondition.ts'

/**
 * Sets (string) and removes (null) config vars: one release for all of them, or none when nothing changes.
 * Returns head and its config vars. Throws when a name or value is invalid, the whole would be over 64 kB, or the config
 * snapshot that `seen` names is no longer head's.
 */
export async function setConfigVars(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: { patch: Readonly<Record<string, unknown>>; requestId?: string; seen?: SeenStates },
): Promise<{ release: Release; config: ConfigVars }> {
  const { patch } = request
  checkPatch(patch)
  return ledger.transact(appId, async tx => {
    const head = await tx.releases.head(appId)
    if (!head) throw new Error(`App ${appId} has no release.`)
    checkSeen(request.seen, head.configId)
    const config = await tx.configs.load(head.configId)
    if (Object.keys(effective(config, patch)).length === 0) return { release: head, config }
    const release = await appendRelease(tx, { kind: 'config', patch }, by, request.requestId)
    return { release, config: await tx.configs.load(release.configId) }
  })
}
