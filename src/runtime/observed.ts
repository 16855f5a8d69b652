import type { Instant } from '../core/time.ts'
import type { DynoSpec, ObservedDyno } from './driver.ts'

/** The dynos of one app as the driver last told of them. */
export class Observed {
  readonly #dynos = new Map<string, ObservedDyno>()
  /** What changed since the list that is under way was asked for: it may know less. */
  readonly #news = new Set<string>()

  list(): ObservedDyno[] {
    return [...this.#dynos.values()]
  }

  get(id: string): ObservedDyno | undefined {
    return this.#dynos.get(id)
  }

  see(dyno: ObservedDyno): void {
    this.#news.add(dyno.id)
    this.#dynos.set(dyno.id, dyno)
  }

  /** The driver is about to be asked for its list. */
  listing(): void {
    this.#news.clear()
  }

  /** Takes the list, except about dynos that were heard of while it was on its way. */
  replace(dynos: readonly ObservedDyno[]): void {
    for (const id of [...this.#dynos.keys()]) if (!this.#news.has(id)) this.#dynos.delete(id)
    for (const dyno of dynos) if (!this.#news.has(dyno.id)) this.#dynos.set(dyno.id, dyno)
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#news.add(id)
      this.#dynos.delete(id)
    }
  }

  /** A dyno whose start was accepted counts as starting until the driver says more. */
  started(spec: DynoSpec, now: Instant): void {
    if (this.#dynos.has(spec.id)) return
    this.#news.add(spec.id)
    const { id, appId, releaseId, kind, name, type, number, fingerprint } = spec
    this.#dynos.set(id, {
      ...{ id, appId, releaseId, kind, name, type, number, fingerprint },
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
