import type { AddonService } from './addon-service.ts'
import type { ConfigVars } from './config-vars.ts'
import type { Instant } from './time.ts'

export type AddonState = 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned'

/** How its credentials are being changed: `gentle` waits for every app to run with the new ones, `forced` does not. */
export type Rotation = 'none' | 'gentle' | 'forced'

/** A resource somebody provides, billed to one app. */
export interface Addon {
  id: string
  /** `postgresql-quiet-1234`: unique among those that are there. */
  name: string
  /** The app it belongs to; it may be attached to others as well. */
  appId: string
  /** Who asked for it. */
  accountId: string
  service: string
  plan: string
  /** The plan that was asked for, while its provider has not changed it yet. */
  wantedPlan: string | null
  /** Who asked for it. */
  wantedBy: string | null
  /** What its config vars begin with at its provider: `DATABASE` of `DATABASE_URL`. */
  prefix: string
  /** What its provider calls it; null until the provider has answered. */
  providerId: string | null
  state: AddonState
  /** Its first attachment, which it gets with its config vars. */
  attachment: { id: string; name: string }
  options: Readonly<Record<string, string | boolean>>
  /** The backup it begins with. */
  backupId: string | null
  /** What its provider said to the person who asked for it. */
  message: string | null
  /** Why the last attempt to do something with it failed, or why it was given up: in a sentence. */
  reason: string | null
  /** Attempts in a row that failed. */
  attempts: number
  /** When the next attempt is due. */
  nextAttemptAt: Instant | null
  /** While it is not `none`, older credentials may hold beside the newest. */
  rotation: Rotation
  /** Counts the config its provider gave it. */
  generation: number
  createdAt: Instant
  updatedAt: Instant
}

/** `postgresql:essential-0`, as a release lists it. */
export function planName({ service, plan }: Pick<Addon, 'service' | 'plan'>): string {
  return `${service}:${plan}`
}

const NAME = /^[a-z][a-z0-9-]{1,62}[a-z0-9]$/

/** Why `name` cannot be an add-on's name, as a sentence, or undefined when it can. */
export function addonNameFault(name: string): string | undefined {
  if (NAME.test(name)) return undefined
  return `Add-on name ${JSON.stringify(name)} is invalid. Use lowercase letters, digits and dashes, beginning with a letter (3 to 64 characters).`
}

const SHAPES =
  'angular cubed curly curved flat globular horizontal infinite octagonal parallel regular round shallow slippery solid spherical symmetrical tetrahedral vertical'.split(
    ' ',
  )

/** A name for an add-on whose maker gave none. `random` answers a whole number from 0 to below its argument. */
export function addonName(service: Pick<AddonService, 'name'>, random: (below: number) => number): string {
  return `${service.name}-${SHAPES[random(SHAPES.length)]}-${10_000 + random(90_000)}`
}

/** What a provider gives an add-on, to be put into the config of every app it is attached to. */
export interface Supply {
  addon: AddonReference
  /** What the names in `config` begin with. */
  prefix: string
  config: ConfigVars
}

/** An add-on as a release knows it. */
export type AddonReference = Pick<Addon, 'id' | 'name' | 'service' | 'plan'>

export function referenceTo({ id, name, service, plan }: AddonReference): AddonReference {
  return { id, name, service, plan }
}
