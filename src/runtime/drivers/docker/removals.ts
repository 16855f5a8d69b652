import type Docker from 'dockerode'
import { removeContainer } from '../../../docker/remove-container.ts'
import type { ContainerDyno } from './container-dyno.ts'

/** Containers of dynos on their way out. One that does not go now is asked to again by who looks next. */
export class Removals {
  readonly #engine: Docker
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #gone = new WeakSet<ContainerDyno>()

  constructor(engine: Docker) {
    this.#engine = engine
  }

  /** Whether its container surely is gone. */
  isGone(dyno: ContainerDyno): boolean {
    return this.#gone.has(dyno)
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id)
  }

  /** Removes its container, and does `afterwards` what is to be done then. */
  begin(dyno: ContainerDyno, afterwards: () => Promise<void>): void {
    const { id } = dyno.labelled
    if (this.isGone(dyno) || this.isUnderWay(id)) return
    const removal = this.#remove(dyno)
      .then(afterwards)
      .catch(() => {})
      .finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, removal)
  }

  /** Resolves when none is under way any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #remove(dyno: ContainerDyno): Promise<void> {
    if (dyno.container !== null) await removeContainer(this.#engine, dyno.container)
    this.#gone.add(dyno)
  }
}
