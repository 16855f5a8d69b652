import type { Instant } from '../core/time.ts'
import type { DynoSpec, ObservedDyno } from './driver.ts'

/** The dynos of one app as the driver last told of them. */
export class Observed {
  #dynos = new Map<string, ObservedDyno>()

  list(): ObservedDyno[] {
    return [...this.#dynos.values()]
  }

  get(id: string): ObservedDyno | undefined {
    return this.#dynos.get(id)
  }

  see(dyno: ObservedDyno): void {
    this.#dynos.set(dyno.id, dyno)
  }

  replace(dynos: readonly ObservedDyno[]): void {
    this.#dynos = new Map(dynos.map(dyno => [dyno.id, dyno]))
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#dynos.delete(id)
  }

  /** A dyno whose start was accepted counts as starting until the driver says more. */
  started(spec: DynoSpec, now: Instant): void {
    if (this.#dynos.has(spec.id)) return
    const { id, appId, releaseId, kind, name, type, number } = spec
    this.#dynos.set(id, {
      ...{ id, appId, releaseId, kind, name, type, number },
      state: 'starting',
      isListening: false,
      address: null,
      startedAt: now,
      exitedAt: null,
      exitStatus: null,
      fault: null,
    })
  }
}
