import type { ObservedDyno } from '../../driver.ts'
import type { DynoLines } from './dyno-lines.ts'
import { type Ending, endingLines } from './observation.ts'
import type { DynoRecord } from './records.ts'
import type { Surroundings } from './surroundings.ts'

/** What is known of a dyno besides its lines; whatever changes is on record before anybody hears of it. */
export type DynoFacts = Omit<DynoRecord, 'own' | 'place'>

/** The record of a dyno while it lives. */
export class DynoState {
  readonly #lines: DynoLines
  readonly #around: Pick<Surroundings, 'records' | 'changed'>
  #facts: DynoFacts

  constructor(facts: DynoFacts, lines: DynoLines, around: Pick<Surroundings, 'records' | 'changed'>) {
    this.#facts = facts
    this.#lines = lines
    this.#around = around
    this.save()
  }

  get facts(): DynoFacts {
    return this.#facts
  }

  get observed(): ObservedDyno {
    return this.#facts.dyno
  }

  get hasExited(): boolean {
    return this.observed.state === 'exited'
  }

  get isStopping(): boolean {
    return this.#facts.killAt !== null
  }

  /** Nothing of the dyno is left to be told. */
  get isSettled(): boolean {
    return this.hasExited && this.#facts.hasSaidEnding && this.#lines.areAllTaken
  }

  note(changes: Partial<Omit<DynoFacts, 'dyno'>>): void {
    this.#facts = { ...this.#facts, ...changes }
    this.save()
  }

  /** Changes what others see of it. */
  change(changes: Partial<ObservedDyno>): void {
    this.#facts = { ...this.#facts, dyno: { ...this.observed, ...changes } }
    this.save()
    this.#around.changed(this.observed)
  }

  say(text: string): void {
    this.#lines.say(text)
    this.save()
  }

  /** Says how it ended: the last that is heard of it. */
  tell(ending: Ending, { isOutOfMemory }: { isOutOfMemory: boolean }): void {
    const { hasSaidEnding, isUp } = this.#facts
    if (hasSaidEnding) {
      this.#lines.sendEnding()
      return
    }
    const of = { kind: this.observed.kind, isUp, isStopping: this.isStopping, isOutOfMemory }
    this.#lines.sayEnding(endingLines(ending, of))
    this.note({ hasSaidEnding: true })
  }

  save(): void {
    const { own, place } = this.#lines
    this.#around.records.save({ ...this.#facts, own, place })
  }
}
