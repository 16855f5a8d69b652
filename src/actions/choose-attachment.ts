import type { AddonService } from '../core/addon-service.ts'
import {
  attached,
  attachmentNameFault,
  attachmentVars,
  freeAttachmentName,
  ownerOf,
} from '../core/attachment.ts'
import { conflict, invalid, UserError } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { AppTransaction } from '../ledger/ledger.ts'

export interface AttachmentWish {
  service: Pick<AddonService, 'prefix' | 'furtherPrefix'>
  /** Config vars as the provider calls them. */
  configVars: readonly string[]
  /** The name that was asked for. */
  as?: string | undefined
  /** The app's name, said again by whoever knows that something is replaced. */
  confirm?: string | undefined
  random: (below: number) => number
}

/**
 * The name for a new attachment of the app. Throws `confirmation_required` when it would replace another attachment or
 * config vars that were set by hand, and `invalid_params` when it cannot be.
 */
export async function chooseAttachment(
  tx: AppTransaction,
  head: Release,
  wish: AttachmentWish,
): Promise<string> {
  const reserved = await namesToCome(tx, head)
  if (wish.as === undefined) {
    const taken = new Set([...attached(head).map(({ name }) => name), ...reserved])
    const name = freeAttachmentName(wish.service, taken, wish.random)
    await checkVars(tx, head, { name, wish })
    return name
  }
  const fault = attachmentNameFault(wish.as)
  if (fault) throw invalid(fault)
  if (reserved.includes(wish.as))
    throw conflict(
      `An add-on that is being created is about to be attached as ${wish.as}. Choose another name.`,
    )
  const replaced = attached(head).find(({ name }) => name === wish.as)
  if (replaced) {
    const { name } = (await tx.addons.byId(replaced.addon.id)) ?? replaced.addon
    confirmed(tx, wish, `${wish.as} is the attachment of ${name}, and would be replaced.`)
  }
  await checkVars(tx, head, { name: wish.as, wish })
  return wish.as
}

/** Names of the first attachments of add-ons that are still being made. */
async function namesToCome(tx: AppTransaction, head: Release): Promise<string[]> {
  const coming = (await tx.addons.ofApp(tx.app.id)).filter(({ state }) => state === 'provisioning')
  return coming
    .filter(({ attachment }) => !head.attachments.some(({ id }) => id === attachment.id))
    .map(({ attachment }) => attachment.name)
}

async function checkVars(
  tx: AppTransaction,
  head: Release,
  { name, wish }: { name: string; wish: AttachmentWish },
): Promise<void> {
  const config = Object.fromEntries(wish.configVars.map(full => [full, '']))
  const names = Object.keys(attachmentVars(name, { prefix: wish.service.prefix, config }))
  for (const each of names) {
    const owner = ownerOf(head, each)
    if (owner && owner.name !== name)
      throw invalid(
        `Config var ${each} belongs to the attachment ${owner.name}. Choose another name than ${name}.`,
      )
  }
  const present = await tx.configs.load(head.configId)
  const byHand = names.filter(each => Object.hasOwn(present, each) && !ownerOf(head, each))
  if (byHand.length > 0)
    confirmed(tx, wish, `Config vars that are set would be replaced: ${byHand.join(', ')}.`)
}

function confirmed(tx: AppTransaction, { confirm }: AttachmentWish, what: string): void {
  const { name } = tx.app
  if (confirm === name) return
  throw new UserError(
    'confirmation_required',
    `${what} To proceed, confirm with the name of the app, ${name}.`,
    {
      app: name,
    },
  )
}
