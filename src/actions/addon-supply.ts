import { type Addon, referenceTo, type Supply } from '../core/addon.ts'
import { type Attachment, attached } from '../core/attachment.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import type { Release } from '../core/release.ts'
import type { Reader } from '../ledger/ledger.ts'

/** What an add-on gives the apps it is attached to, as of now. */
export function supplyFrom(addon: Addon, config: ConfigVars): Supply {
  return { addon: referenceTo(addon), prefix: addon.prefix, config }
}

/** What the attached add-ons of a release give today, by add-on; nothing of those that are being made or are gone. */
export async function liveSupplies(reader: Reader, release: Pick<Release, 'attachments'>): Promise<Supply[]> {
  const ids = [...new Set(attached(release).map(({ addon }) => addon.id))]
  const addons = (await reader.addons.byIds(ids)).filter(({ state }) => state === 'provisioned')
  const supplies = await Promise.all(
    addons.map(async addon => {
      const config = await reader.addons.config(addon.id)
      return config && supplyFrom(addon, config)
    }),
  )
  return supplies.filter(supply => supply !== undefined)
}

/** The attachments of an add-on that a release has. */
export function attachmentsTo(release: Pick<Release, 'attachments'>, addonId: string): Attachment[] {
  return attached(release).filter(({ addon }) => addon.id === addonId)
}

/** The same, calling it as it is called today: it may have another name since. */
export function linksTo(release: Pick<Release, 'attachments'>, addon: Addon): Attachment[] {
  return attachmentsTo(release, addon.id).map(link => ({ ...link, addon: referenceTo(addon) }))
}

/** The first attachment of an add-on, without its config vars. */
export function firstAttachment(addon: Addon): Attachment {
  return { ...addon.attachment, addon: referenceTo(addon), configVars: [], isStray: false }
}
