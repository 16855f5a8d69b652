import type { Actor } from '../core/account.ts'
import { ownerOf } from '../core/attachment.ts'
import { type ConfigPatch, type ConfigVars, checkPatch, effective } from '../core/config-vars.ts'
import { invalid } from '../core/errors.ts'
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
    checkOwners(head, effective(config, patch))
    if (Object.keys(effective(config, patch)).length === 0) return { release: head, config }
    const release = await appendRelease(tx, { kind: 'config', patch }, by, { requestId: request.requestId })
    return { release, config: await tx.configs.load(release.configId) }
  })
}

/** Config vars of an attachment are its add-on's. Setting one to what it is changes nothing, and is no fault. */
function checkOwners(head: Release, patch: ConfigPatch): void {
  const owned = Object.keys(patch).filter(name => ownerOf(head, name))
  const [first] = owned
  if (first === undefined) return
  const { name, addon } = ownerOf(head, first) ?? { name: '', addon: { name: '' } }
  throw invalid(
    `Cannot overwrite attachment values ${owned.join(', ')}. They belong to the add-on ${addon.name}; to be free of them, detach it: tidemark addons:detach ${name}`,
  )
}
