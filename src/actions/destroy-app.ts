import type { Actor } from '../core/account.ts'
import type { App } from '../core/app.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { failRelease } from './append-release.ts'
import { beginRemoval } from './destroy-addon.ts'
import { checkSeen, type SeenStates } from './precondition.ts'

/**
 * Archives an app: its name is free, its config values are wiped, its artifacts and add-ons are marked for destruction,
 * and its releases stay readable to the owner of the platform. Dynos, bytes and repository go afterwards.
 */
export async function destroyApp(ledger: Ledger, by: Actor, appId: string, seen?: SeenStates): Promise<App> {
  return ledger.transact(appId, async tx => {
    checkSeen(seen, String(tx.app.revision - 1))
    for (const build of await tx.builds.queue(appId)) {
      await tx.builds.end(build.id, { status: 'failed', reason: 'The app was destroyed.' })
    }
    for (const release of await tx.releases.pending(appId))
      await failRelease(tx, release, { reason: 'the app was destroyed' })
    await tx.releases.retireCurrent(appId)
    await tx.configs.destroy(appId)
    await tx.dynos.destroyEnvironments(appId)
    await tx.artifacts.markAppDeleted(appId)
    await tx.uploads.deleteOfApp(appId)
    for (const addon of await tx.addons.ofApp(appId)) {
      if (addon.state !== 'deprovisioning') await beginRemoval(tx, addon, by)
    }
    await tx.addonChanges.deleteOfApp(appId)
    await tx.apps.update(appId, { archivedAt: tx.now })
    tx.emit(appId, 'app:destroy', { id: appId, name: tx.app.name, user: by.email })
    return tx.app
  })
}
