import type { Actor } from '../core/account.ts'
import { type Attachment, attached } from '../core/attachment.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { linksTo } from './addon-supply.ts'
import { appendRelease } from './append-release.ts'

/** Ends an attachment, in one release. The last one on the app an add-on belongs to stays: that takes destroying the add-on. */
export async function detachAddon(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: { attachmentId: string; requestId?: string | undefined },
): Promise<{ attachment: Attachment; release: Release }> {
  return ledger.transact(appId, async tx => {
    const head = await tx.releases.head(appId)
    const attachment = head && attached(head).find(({ id }) => id === request.attachmentId)
    if (!attachment) throw notFound('add_on_attachment')
    const addon = await tx.addons.lock(attachment.addon.id)
    const links = addon ? linksTo(head, addon) : []
    if (addon?.appId === appId && links.length === 1) {
      throw invalid(
        `Cannot destroy last attachment to billing app: ${addon.name} belongs to ${tx.app.name}. To be rid of it, destroy it: tidemark addons:destroy ${addon.name}`,
      )
    }
    tx.emit(appId, 'addon-attachment:destroy', { id: attachment.id, name: attachment.name, user: by.email })
    const change = {
      kind: 'detach' as const,
      attachments: [links.find(({ id }) => id === attachment.id) ?? attachment],
    }
    return { attachment, release: await appendRelease(tx, change, by, request) }
  })
}
