import type { Actor } from '../core/account.ts'
import { type Addon, referenceTo } from '../core/addon.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import { notFound } from '../core/errors.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { firstAttachment, linksTo, supplyFrom } from './addon-supply.ts'
import { advance } from './advance.ts'
import { appendRelease } from './append-release.ts'

/** What a provider answered: `config` is null while it goes on by itself and will say when it is done. */
export interface ProviderAnswer {
  providerId: string
  config: ConfigVars | null
  message: string | null
}

/**
 * Takes down what the provider of an add-on answered, with the releases that follow from it. Does nothing for an add-on
 * that was given up or finished meanwhile, and for an answer that was taken down before.
 */
export async function finishProvisioning(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId' | 'accountId'>,
  answer: ProviderAnswer,
): Promise<void> {
  const work = async (tx: AppTransaction, locked: Addon) => {
    const by = await accountOf(tx, addon)
    const isAccepted = locked.providerId !== null
    const { providerId, config, message } = answer
    await tx.addons.update(addon.id, {
      providerId,
      message,
      ...CALM,
      ...(config && { config, state: 'provisioned' }),
    })
    tx.emit(addon.appId, 'addon:update', {
      id: addon.id,
      name: locked.name,
      state: config ? 'provisioned' : 'provisioning',
    })
    if (!isAccepted) await attachFirst(tx, locked, by)
    if (config) await complete(tx, { addon: locked, config, by })
    await advance(tx)
  }
  await inProvisioning(ledger, addon, work, answer)
}

/** The provider says that an add-on it went on with is there, with what it gave it meanwhile. */
export async function completeProvisioning(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId'>,
  by: Actor,
): Promise<void> {
  await inProvisioning(ledger, addon, async (tx, locked) => {
    const config = (await tx.addons.config(addon.id)) ?? {}
    await tx.addons.update(addon.id, { state: 'provisioned', ...CALM })
    // A provider may be done before its answer to our request has been taken down.
    if (locked.providerId === null) await attachFirst(tx, locked, by)
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, state: 'provisioned' })
    await complete(tx, { addon: locked, config, by })
    await advance(tx)
  })
}

/** Nothing is to be tried again. */
export const CALM = { reason: null, attempts: 0, nextAttemptAt: null } as const

/**
 * Gives an add-on up that could not be made: whatever its provider has of it is still to be taken away, and of its
 * attachment nothing is left.
 */
export async function failProvisioning(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId' | 'accountId'>,
  reason: string,
): Promise<void> {
  await inProvisioning(ledger, addon, async (tx, locked) => {
    await tx.addons.update(addon.id, { state: 'deprovisioning', ...CALM, reason })
    tx.emit(addon.appId, 'addon:destroy', { id: addon.id, name: locked.name, reason })
    const head = await tx.releases.head(addon.appId)
    const attachments = head ? linksTo(head, locked) : []
    if (attachments.length > 0)
      await appendRelease(tx, { kind: 'detach', attachments }, await accountOf(tx, addon))
  })
}

async function inProvisioning(
  ledger: Ledger,
  { id, appId }: Pick<Addon, 'id' | 'appId'>,
  work: (tx: AppTransaction, locked: Addon) => Promise<void>,
  answer?: ProviderAnswer,
): Promise<void> {
  await ledger.transact(appId, async tx => {
    const locked = await tx.addons.lock(id)
    if (!locked) throw notFound('add_on')
    if (locked.state === 'provisioning') await work(tx, locked)
    else if (answer && locked.providerId === null)
      await tx.addons.update(id, { providerId: answer.providerId })
  })
}

/** Says that it is attached. It has its turn only when nothing completes it. */
async function attachFirst(tx: AppTransaction, addon: Addon, by: Actor): Promise<void> {
  const attachment = firstAttachment(addon)
  await appendRelease(tx, { kind: 'attach', attachment, vars: {} }, by, { waits: true })
  tx.emit(tx.app.id, 'addon-attachment:create', { id: attachment.id, name: attachment.name, user: by.email })
}

async function complete(
  tx: AppTransaction,
  { addon, config, by }: { addon: Addon; config: ConfigVars; by: Actor },
): Promise<void> {
  const supply = { ...supplyFrom(addon, config), addon: referenceTo(addon) }
  await appendRelease(tx, { kind: 'provision', attachment: firstAttachment(addon), supply }, by, {
    waits: true,
  })
}

async function accountOf(tx: AppTransaction, { accountId }: Pick<Addon, 'accountId'>): Promise<Actor> {
  const account = await tx.accounts.byId(accountId)
  if (!account) throw new Error(`Account ${accountId} is gone.`)
  return account
}
