import { type AddonReference, planName } from './addon.ts'
import { attachmentVars, type Supplied } from './attachment.ts'
import type { Change } from './change.ts'
import { type ConfigPatch, type ConfigVars, describePatch, effective } from './config-vars.ts'

/** The wording of the Change column, computed from the change and what it is applied to, so that it cannot lie. */
export function describe(change: Change, base: Supplied): string {
  switch (change.kind) {
    case 'initial':
      return 'Initial release'
    case 'deploy':
      return change.label === null ? 'Deploy' : `Deploy ${shortLabel(change.label)}`
    case 'artifact':
      return change.description
    case 'config':
      return describeConfig(change.patch, base.config)
    case 'rollback':
      return `Rollback to v${change.version}`
    case 'retry':
      return `Retry of v${change.version}: ${change.description}`
    case 'attach':
      return `Attach ${change.attachment.name} ${reference(change.attachment.addon)}`
    case 'detach':
      return describeDetach(change)
    case 'provision':
      return describeProvision(change, base)
    case 'addon-update':
      return `Update ${namesIn(base, change.supply.addon)} by ${change.supply.addon.service}`
    case 'addon-plan':
      return `Change plan of ${change.supply.addon.name} to ${planName(change.supply.addon)}`
    case 'addon-reconcile':
      return 'Reconcile add-on config vars'
  }
}

/** Names what changes; or all that was asked for, when earlier releases have brought it about meanwhile. */
function describeConfig(patch: ConfigPatch, config: ConfigVars): string {
  const part = effective(config, patch)
  return describePatch(Object.keys(part).length > 0 ? part : patch)
}

function describeDetach({ attachments }: Extract<Change, { kind: 'detach' }>): string {
  const names = attachments.map(({ name }) => name).join(', ')
  const [first] = attachments
  return first ? `Detach ${names} ${reference(first.addon)}` : `Detach ${names}`
}

function describeProvision(
  { attachment, supply }: Extract<Change, { kind: 'provision' }>,
  base: Supplied,
): string {
  const links = base.attachments.filter(({ addon, isStray }) => addon.id === supply.addon.id && !isStray)
  const names = (links.length > 0 ? links : [attachment]).flatMap(({ name }) =>
    Object.keys(attachmentVars(name, supply)),
  )
  return `@ref:${supply.addon.name} completed provisioning, setting ${names.sort().join(', ')}.`
}

/** Attachments of an add-on in an app, by name. */
function namesIn(base: Supplied, addon: AddonReference): string {
  const names = base.attachments
    .filter(attachment => attachment.addon.id === addon.id && !attachment.isStray)
    .map(({ name }) => name)
  return names.length > 0 ? names.join(', ') : addon.name
}

function reference({ name }: AddonReference): string {
  return `(@ref:${name})`
}

/** A full commit hash is cut to git's default of 7; what git itself abbreviated, or another label, stays. */
export function shortLabel(label: string): string {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(label) ? label.slice(0, 7) : label
}
