import type { Actor } from '../core/account.ts'
import { type Addon, addonName, addonNameFault } from '../core/addon.ts'
import type { AddonService, Plan } from '../core/addon-service.ts'
import { invalid } from '../core/errors.ts'
import { derivedId } from '../core/id.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { chooseAttachment } from './choose-attachment.ts'

export interface AddonRequest {
  service: AddonService
  plan: Plan
  name?: string | undefined
  /** Name of its first attachment. */
  as?: string | undefined
  confirm?: string | undefined
  options: Addon['options']
  /** The backup it begins with. */
  backupId?: string | undefined
  requestId?: string | undefined
  random: (below: number) => number
}

/**
 * Asks for an add-on. Its releases come when its provider has made it: one that says it is attached, and one with its
 * config vars; none when the provider fails. Throws when a name is invalid or taken, and `confirmation_required` when
 * something would be replaced.
 */
export async function createAddon(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: AddonRequest,
): Promise<Addon> {
  const fault = request.name === undefined ? undefined : addonNameFault(request.name)
  if (fault) throw invalid(fault)
  return ledger.transact(appId, async tx => {
    const { service, plan, requestId } = request
    const id = requestId === undefined ? tx.newId() : derivedId('add-on', appId, by.id, requestId)
    const repeated = await tx.addons.byId(id)
    if (repeated) return repeated
    const head = await tx.releases.head(appId)
    if (!head) throw new Error(`App ${appId} has no release.`)
    const attachment = {
      id: derivedId(id, 'first attachment'),
      name: await chooseAttachment(tx, head, { ...request, configVars: service.configVars }),
    }
    const addon = await tx.addons.insert({
      ...{ id, appId, attachment, accountId: by.id, service: service.name, plan: plan.name },
      name: await freeName(tx, request),
      prefix: service.prefix,
      options: request.options,
      backupId: request.backupId ?? null,
    })
    await tx.attachments.insert({ id: attachment.id, appId, addonId: id, name: attachment.name })
    tx.emit(appId, 'addon:create', {
      id,
      name: addon.name,
      plan: plan.name,
      service: service.name,
      user: by.email,
    })
    return addon
  })
}

const NAME_TRIES = 20

async function freeName(tx: AppTransaction, { name, service, random }: AddonRequest): Promise<string> {
  if (name !== undefined) {
    if (await tx.addons.byName(name))
      throw invalid(`Add-on name ${name} is already taken. Choose another one, or leave it out.`)
    return name
  }
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    const candidate = addonName(service, random)
    if (!(await tx.addons.byName(candidate))) return candidate
  }
  throw invalid('No free name was found by chance. Give the add-on a name.')
}
