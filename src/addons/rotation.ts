import { isDeepStrictEqual } from 'node:util'
import { attachmentsTo } from '../actions/addon-supply.ts'
import { providerAccount } from '../actions/program-account.ts'
import { finishRotation } from '../actions/rotate-addon.ts'
import { updateAddonConfig } from '../actions/update-addon-config.ts'
import type { Addon } from '../core/addon.ts'
import { attachmentVars } from '../core/attachment.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import { minutes } from '../core/time.ts'
import { type AddonContext, type Outcome, resourceOf } from './context.ts'
import { type Provider, ProviderRefusal } from './provider.ts'

/** Between two looks at apps that do not run with the new credentials, when nothing is heard of them. */
const LOOK_AGAIN = minutes(5)

/** Gives an add-on other credentials, and ends the old ones once every app runs with the new. */
export async function rotate(
  context: AddonContext,
  addon: Addon,
  { provider, signal }: { provider: Provider; signal: AbortSignal },
): Promise<Outcome> {
  const { ledger, clock } = context
  if (!provider.rotate) throw new ProviderRefusal(`${addon.service} add-ons have no credentials to rotate.`)
  const config = await provider.rotate(resourceOf(addon), signal)
  if (!isDeepStrictEqual(config, await ledger.read.addons.config(addon.id)))
    await updateAddonConfig(ledger, addon, await providerAccount(ledger, addon.service), config)
  if (addon.rotation === 'gentle' && !(await isInForce(context, addon, config)))
    return { lookAt: clock() + LOOK_AGAIN }
  await provider.endRotation?.(resourceOf(addon), signal)
  await finishRotation(ledger, addon)
  return null
}

/** Whether every app that the add-on is attached to runs with this config. */
async function isInForce({ ledger }: AddonContext, addon: Addon, config: ConfigVars): Promise<boolean> {
  const changes = await ledger.read.addonChanges.list()
  if (changes.some(({ addonId }) => addonId === addon.id)) return false
  for (const appId of await ledger.read.attachments.apps(addon.id)) {
    const current = await ledger.read.releases.current(appId)
    const vars = current ? await ledger.read.configs.load(current.configId) : {}
    for (const { name } of current ? attachmentsTo(current, addon.id) : []) {
      const given = Object.entries(attachmentVars(name, { prefix: addon.prefix, config }))
      if (!given.every(([key, value]) => vars[key] === value)) return false
    }
  }
  return true
}
