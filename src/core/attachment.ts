import { type AddonReference, planName, type Supply } from './addon.ts'
import type { AddonService } from './addon-service.ts'
import { type ConfigPatch, type ConfigVars, effective, merge } from './config-vars.ts'

/** The named link between an add-on and an app, as a release holds it. */
export interface Attachment {
  id: string
  /** `DATABASE`: what its config vars begin with in this app. */
  name: string
  addon: AddonReference
  /** The config vars it owns: nobody sets them by hand. Empty while its add-on is being provisioned. */
  configVars: readonly string[]
  /** It came back with the config vars of a release that was rolled back to, and is not there any more. */
  isStray: boolean
}

const NAME = /^[A-Z][A-Z0-9_]{0,62}$/
const RESERVED = /^(__|HEROKU_|TIDEMARK_)/

/** Why `name` cannot be an attachment's name, as a sentence, or undefined when it can. */
export function attachmentNameFault(name: string): string | undefined {
  if (!NAME.test(name))
    return `Attachment name ${JSON.stringify(name)} is invalid. Use capital letters, digits and underscores, beginning with a letter.`
  if (RESERVED.test(name))
    return `Attachment name ${name} is reserved: names that begin with HEROKU_ or TIDEMARK_ are the platform's.`
  return undefined
}

const COLOURS =
  'AMBER AQUA BLACK BLUE BRONZE BROWN CHARCOAL COBALT COPPER CRIMSON CYAN GOLD GRAY GREEN IVORY JADE MAROON MAUVE NAVY OLIVE ONYX ORANGE PINK PUCE PURPLE RED ROSE SILVER TEAL VIOLET WHITE YELLOW'.split(
    ' ',
  )

/** The name for an attachment whose maker gave none: the service's own, or one with a colour when that is taken. */
export function freeAttachmentName(
  { prefix, furtherPrefix }: Pick<AddonService, 'prefix' | 'furtherPrefix'>,
  taken: ReadonlySet<string>,
  random: (below: number) => number,
): string {
  if (!taken.has(prefix)) return prefix
  const start = random(COLOURS.length)
  for (let step = 0; ; step++) {
    const colour = COLOURS[(start + step) % COLOURS.length]
    const round = Math.floor(step / COLOURS.length)
    const name = `${furtherPrefix}_${colour}${round === 0 ? '' : `_${round + 1}`}`
    if (!taken.has(name)) return name
  }
}

/** The config vars that an attachment called `name` gives an app: `DATABASE_URL` becomes `LEDGER_URL` under `LEDGER`. */
export function attachmentVars(
  name: string,
  { prefix, config }: Pick<Supply, 'prefix' | 'config'>,
): ConfigVars {
  return Object.fromEntries(
    Object.entries(config).map(([full, value]) => [`${name}${suffix(full, prefix)}`, value]),
  )
}

function suffix(full: string, prefix: string): string {
  if (full === prefix) return ''
  return full.startsWith(`${prefix}_`) ? full.slice(prefix.length) : `_${full}`
}

/** An app's config vars with the attachments that own some of them. */
export interface Supplied {
  config: ConfigVars
  attachments: readonly Attachment[]
}

/** Attachments that are there, strays aside. */
export function attached(content: Pick<Supplied, 'attachments'>): Attachment[] {
  return content.attachments.filter(attachment => !attachment.isStray)
}

/** The attachment that owns the config var `name`. */
export function ownerOf(content: Pick<Supplied, 'attachments'>, name: string): Attachment | undefined {
  return attached(content).find(attachment => attachment.configVars.includes(name))
}

/** With `attachment` and its vars, in place of one of the same name. */
export function attach(base: Supplied, attachment: Attachment, vars: ConfigVars): Supplied {
  const same = base.attachments.find(other => !other.isStray && other.name === attachment.name)
  const without = same ? detach(base, [same.id]) : base
  return {
    config: changed(without.config, vars),
    attachments: [...disowned(without.attachments, Object.keys(vars)), attachment],
  }
}

/** Without these attachments and their vars. */
export function detach(base: Supplied, ids: readonly string[]): Supplied {
  const gone = base.attachments.filter(attachment => ids.includes(attachment.id))
  const removed = gone.flatMap(attachment => attachment.configVars.map(name => [name, null] as const))
  return {
    config: changed(base.config, Object.fromEntries(removed)),
    attachments: base.attachments.filter(attachment => !ids.includes(attachment.id)),
  }
}

/** With what each supply gives, under every attachment of its add-on; attachments of other add-ons stay as they are. */
export function supply(base: Supplied, supplies: readonly Supply[]): Supplied {
  let { config } = base
  const attachments = base.attachments.map(attachment => {
    const found = supplies.find(({ addon }) => addon.id === attachment.addon.id)
    if (!found || attachment.isStray) return attachment
    const vars = attachmentVars(attachment.name, found)
    const old = Object.fromEntries(attachment.configVars.map(name => [name, null] as const))
    config = changed(config, { ...old, ...vars })
    return { ...attachment, addon: found.addon, configVars: Object.keys(vars).sort() }
  })
  return { config, attachments }
}

/** The very same config when nothing would change, so that it stays one snapshot. */
function changed(config: ConfigVars, patch: ConfigPatch): ConfigVars {
  return Object.keys(effective(config, patch)).length === 0 ? config : merge(config, patch)
}

/** A config var that a person sets, or another attachment brings, is no stray any more. */
export function disowned(attachments: readonly Attachment[], names: readonly string[]): Attachment[] {
  return attachments.flatMap(attachment => {
    if (!attachment.isStray) return [attachment]
    const configVars = attachment.configVars.filter(name => !names.includes(name))
    return configVars.length > 0 ? [{ ...attachment, configVars }] : []
  })
}

/**
 * The attachments of a release that goes back to `target` while `now` are there: those of now, since provisioning is
 * never rolled back, and as strays those of the target whose vars come back without them.
 */
export function attachmentsAfterRollback(now: readonly Attachment[], target: Supplied): Attachment[] {
  const owned = new Set(now.filter(({ isStray }) => !isStray).flatMap(({ configVars }) => configVars))
  const present = now.filter(({ isStray }) => !isStray)
  const strays = target.attachments
    .filter(({ id }) => !present.some(attachment => attachment.id === id))
    .map(attachment => ({
      ...attachment,
      isStray: true,
      configVars: attachment.configVars.filter(
        name => !owned.has(name) && Object.hasOwn(target.config, name),
      ),
    }))
    .filter(({ configVars }) => configVars.length > 0)
  return [...present, ...strays]
}

/** Without the config vars of attachments that are not there any more. */
export function withoutStrays(base: Supplied): Supplied {
  return detach(
    base,
    base.attachments.filter(({ isStray }) => isStray).map(({ id }) => id),
  )
}

/** `service:plan` of every add-on that is attached, each once, sorted. */
export function addonPlanNames(attachments: readonly Attachment[]): string[] {
  return [...new Set(attached({ attachments }).map(({ addon }) => planName(addon)))].sort()
}
