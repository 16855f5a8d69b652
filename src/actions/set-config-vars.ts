import type { Actor } from '../core/account.ts'
import { ownerOf } from '../core/attachment.ts'
import { type ConfigPatch, type ConfigVars, checkPatch, effective } from '../core/config-vars.ts'
import { invalid } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { attachmentsTo } from './addon-supply.ts'
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
    await checkOwners(tx, head, effective(config, patch))
    if (Object.keys(effective(config, patch)).length === 0) return { release: head, config }
    const release = await appendRelease(tx, { kind: 'config', patch }, by, { requestId: request.requestId })
    return { release, config: await tx.configs.load(release.configId) }
  })
}

/** Config vars of an attachment are its add-on's. Setting one to what it is changes nothing, and is no fault. */
async function checkOwners(tx: AppTransaction, head: Release, patch: ConfigPatch): Promise<void> {
  const owned = Object.keys(patch).filter(name => ownerOf(head, name))
  const owner = owned[0] === undefined ? undefined : ownerOf(head, owned[0])
  if (!owner) return
  const addon = await tx.addons.byId(owner.addon.id)
  const name = addon?.name ?? owner.addon.name
  const isLast = addon?.appId === tx.app.id && attachmentsTo(head, addon.id).length === 1
  throw invalid(
    `Cannot overwrite attachment values ${owned.join(', ')}. They belong to the add-on ${name}; to be free of them, ${isLast ? `destroy it: tidemark addons:destroy ${name}` : `detach it: tidemark addons:detach ${owner.name}`}`,
  )
}
