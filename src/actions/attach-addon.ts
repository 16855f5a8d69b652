import type { Actor } from '../core/account.ts'
import { referenceTo } from '../core/addon.ts'
import type { AddonService } from '../core/addon-service.ts'
import { type Attachment, attached, attachmentVars } from '../core/attachment.ts'
import { conflict, invalid, notFound } from '../core/errors.ts'
import { derivedId } from '../core/id.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { appendRelease } from './append-release.ts'
import { chooseAttachment } from './choose-attachment.ts'

export interface AttachRequest {
  addonId: string
  service: Pick<AddonService, 'prefix' | 'furtherPrefix' | 'supportsSharing'>
  as?: string | undefined
  confirm?: string | undefined
  requestId?: string | undefined
  random: (below: number) => number
}

/**
 * Attaches an add-on to an app, in one release. Attaching what is attached under that name already changes nothing.
 * Throws `confirmation_required` when something would be replaced.
 */
export async function attachAddon(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: AttachRequest,
): Promise<{ attachment: Attachment; release: Release }> {
  return ledger.transact(appId, async tx => {
    const { addonId, service, requestId } = request
    const addon = await tx.addons.lock(addonId)
    if (!addon || addon.state === 'deprovisioned') throw notFound('add_on')
    const head = await tx.releases.head(appId)
    if (!head) throw new Error(`App ${appId} has no release.`)
    const id = requestId === undefined ? tx.newId() : derivedId('attachment', appId, by.id, requestId)
    const same = attached(head).find(
      link => link.id === id || (link.addon.id === addonId && link.name === request.as),
    )
    if (same) return { attachment: same, release: head }
    const config = await tx.addons.config(addonId)
    if (addon.state !== 'provisioned' || !config)
      throw conflict(`${addon.name} is ${addon.state}: it can be attached once it has been created.`)
    if (appId !== addon.appId && !service.supportsSharing)
      throw invalid(`${addon.name} cannot be shared: ${addon.service} add-ons belong to one app alone.`)
    const configVars = Object.keys(config)
    const name = await chooseAttachment(tx, head, { ...request, configVars })
    const vars = attachmentVars(name, { prefix: addon.prefix, config })
    const link = { id, name, addon: referenceTo(addon), configVars: Object.keys(vars).sort(), isStray: false }
    await tx.attachments.insert({ id, appId, addonId, name })
    tx.emit(appId, 'addon-attachment:create', { id, name, addon: addon.name, user: by.email })
    const release = await appendRelease(tx, { kind: 'attach', attachment: link, vars }, by, { requestId })
    return { attachment: link, release }
  })
}
