import { isDeepStrictEqual } from 'node:util'
import type { Actor } from '../core/account.ts'
import type { Change } from '../core/change.ts'
import { nextRelease, type Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { attachmentsTo, firstAttachment, liveSupplies } from './addon-supply.ts'
import { appendRelease, contentOf } from './append-release.ts'

/**
 * Makes the config vars of an app's add-ons what their providers give today, and removes those of add-ons that are gone:
 * what a rollback may have brought back. Add-ons of the app that are attached nowhere in it are attached again. One
 * release, or none when all is so already.
 */
export async function reconcileAddons(
  ledger: Ledger,
  by: Actor,
  appId: string,
  requestId?: string,
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const head = await tx.releases.head(appId)
    if (!head) throw new Error(`App ${appId} has no release.`)
    const own = (await tx.addons.ofApp(appId)).filter(({ state }) => state === 'provisioned')
    const lost = own.filter(({ id }) => attachmentsTo(head, id).length === 0).map(firstAttachment)
    const supplies = await liveSupplies(tx, { attachments: [...head.attachments, ...lost] })
    const change: Change = { kind: 'addon-reconcile', attachments: lost, supplies }
    const before = await contentOf(tx, head)
    const after = nextRelease(before, change)
    const isSame =
      isDeepStrictEqual(after.config, before?.config) &&
      isDeepStrictEqual(after.attachments, before?.attachments)
    return isSame ? head : appendRelease(tx, change, by, { requestId })
  })
}
