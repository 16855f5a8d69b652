import type { Desired, Process, Slot, Target, WantedDyno } from './desired.ts'
import { dynoName } from './dyno.ts'
import { derivedId } from './id.ts'
import type { SeenDyno } from './seen-dyno.ts'
import type { Instant } from './time.ts'

/** One place of a target's formation with the dyno that belongs there, and the one that is there. */
export interface Place {
  wanted: WantedDyno
  slot: Slot
  seen: SeenDyno | undefined
}

/** What is wanted and what is seen, at one moment. */
export class World {
  readonly desired: Desired
  readonly observed: readonly SeenDyno[]
  readonly now: Instant
  readonly #byId: ReadonlyMap<string, SeenDyno>

  constructor(desired: Desired, observed: readonly SeenDyno[], now: Instant) {
    this.desired = desired
    this.observed = observed
    this.now = now
    this.#byId = new Map(observed.map(dyno => [dyno.id, dyno]))
  }

  seen(id: string): SeenDyno | undefined {
    return this.#byId.get(id)
  }

  places(target: Target): Place[] {
    return target.processes.flatMap(process =>
      Array.from({ length: process.quantity }, (_, index) => this.#place(target, process, index + 1)),
    )
  }

  #place(target: Target, process: Process, number: number): Place {
    const name = dynoName(process.type, number)
    const slot = slotFor(this.desired.slots.get(name), name, target.releaseId)
    const id = derivedId(target.releaseId, name, process.epoch, slot.epoch, slot.crashedAt ?? 0)
    const { type, command, size } = process
    const wanted = {
      id,
      releaseId: target.releaseId,
      kind: 'formation' as const,
      type,
      number,
      name,
      command,
      size,
    }
    return { wanted, slot, seen: this.seen(id) }
  }
}

/** A slot's history as far as it concerns a release: a new release starts with a clean one. */
function slotFor(slot: Slot | undefined, name: string, releaseId: string): Slot {
  const fresh = { name, epoch: slot?.epoch ?? 0, isStopped: false, releaseId, crashes: 0, crashedAt: null }
  return slot && slot.releaseId === releaseId ? slot : fresh
}
