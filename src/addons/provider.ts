import type { AddonService, SsoLink } from '../core/addon-service.ts'
import type { ConfigVars } from '../core/config-vars.ts'

/** One resource at a provider, as the ledger names it. */
export interface Resource {
  /** The add-on's id, a UUID. Whatever is asked for the same id again means the same resource. */
  id: string
  /** `postgresql-quiet-1234`: unique on the platform, may change. */
  name: string
  /** A service of the provider, by its name, never an alias. */
  service: string
  plan: string
  /** What the provider called it; null while it has not answered. */
  providerId: string | null
}

/** What was asked for besides the plan: `addons:create postgresql -- --version 16`. */
export type ProvisionOptions = Readonly<Record<string, string | boolean>>

export interface ProvisionOrder {
  options: ProvisionOptions
  /** The resource begins with what was kept of one that was destroyed. */
  from: Backup | null
}

export type Provisioned =
  | {
      state: 'provisioned'
      providerId: string
      /** By the names that the service declares in `configVars`, all of them and no others. */
      config: ConfigVars
      /** For the person who asked. */
      message: string | null
    }
  /** The provider goes on by itself, and says later that it is done. */
  | { state: 'provisioning'; providerId: string; message: string | null }

export interface PlanChange {
  /** Those that change, by their declared names; the others, or all when it is null, stay as they are. */
  config: ConfigVars | null
  message: string | null
}

/** What was kept of a resource before it was destroyed. Its provider alone knows what `place` means. */
export interface Backup {
  id: string
  /** The id of the resource it is of. */
  resourceId: string
  service: string
  /** Where it is: a path, or the name of something kept. No secret. */
  place: string
  /** Bytes; 0 when that is not known. */
  size: number
}

/** The provider said no, or answered something it may not: the sentence is for the person who asked, and asking again is no use. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
}

/**
 * The provider could not be asked, or could not do it now: asking again may help. The sentence says what is wrong and
 * holds no secret.
 */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable'
}

/**
 * Who makes the resources behind add-ons. Every call may be repeated, also after a crash in the middle of it, and means
 * the same then. Calls reject with {@link ProviderRefusal} or {@link ProviderUnavailable}, and with the signal's reason
 * when it aborts.
 */
export interface Provider {
  readonly services: readonly AddonService[]
  provision(resource: Resource, order: ProvisionOrder, signal: AbortSignal): Promise<Provisioned>
  /** `resource.plan` is the plan it is to have from now on. */
  changePlan(resource: Resource, signal: AbortSignal): Promise<PlanChange>
  /** Takes it away for good; what is not there is gone already. `pending`: the provider goes on by itself. */
  deprovision(resource: Resource, signal: AbortSignal): Promise<'gone' | 'pending'>
  /** Looks whether it is there. */
  status(resource: Resource, signal: AbortSignal): Promise<'here' | 'gone'>
  /**
   * Gives it other credentials; those of before hold as well, until {@link endRotation}. Repeated before that, it answers
   * the very same new ones.
   */
  rotate?(resource: Resource, signal: AbortSignal): Promise<ConfigVars>
  /** From now on only the newest credentials hold; connections that used older ones are cut. */
  endRotation?(resource: Resource, signal: AbortSignal): Promise<void>
  /** Keeps what is in it, to be called before it is deprovisioned. `id` names the backup. Null when there is nothing to keep. */
  backup?(resource: Resource, id: string, signal: AbortSignal): Promise<Backup | null>
  /** Deletes a backup; one that is not there is deleted already. */
  deleteBackup?(backup: Backup, signal: AbortSignal): Promise<void>
  /** `visitor.id` is the account's: providers that know the platform's people sign it too. */
  sso?(resource: Resource, visitor: { email: string; app: string; id?: string }): SsoLink
}

/** A provider that has programs of its own running: the platform's end is theirs, a crash or reload of it is not. */
export interface HostedProvider extends Provider {
  /** Takes up what runs, or starts it again, where resources of it are in use. Resolves once that is done or has begun. */
  resume(): Promise<void>
  /** Ends its programs in order; whatever they keep stays. */
  stop(): Promise<void>
  /** Lets go of its programs, which go on: another control plane takes them up. */
  release(): void
}
