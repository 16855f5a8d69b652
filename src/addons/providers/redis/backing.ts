import type { AddonRecord, Limits } from './records.ts'

/** Where an add-on is: for ever. */
export type Place = Pick<AddonRecord, 'kind' | 'number' | 'address'>

/** What add-ons are made of. Everything may be repeated; rejects as the provider's port says. */
export interface Backing {
  /** A place that nobody has. `taken` are the add-ons that are in such places. */
  allot(taken: readonly AddonRecord[]): Promise<Place>
  /** Has it be there, reachable, and as the record says. */
  hold(record: AddonRecord): Promise<void>
  /** Rejects with a refusal when what is in it would not fit. */
  fits(record: AddonRecord, limits: Limits): Promise<void>
  /** Deletes it and what is in it. */
  discard(record: AddonRecord): Promise<void>
  url(record: AddonRecord, user: string, password: string): string
  /** What the person who asks for one should know. */
  message(): string | null
  resume(records: readonly AddonRecord[]): Promise<void>
  stop(records: readonly AddonRecord[]): Promise<void>
  release(): void
}
