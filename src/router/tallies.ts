/** How many requests the dyno of a release answered, since this router runs. */
export interface Tally {
  appId: string
  releaseId: string
  answers: number
  /** Those with a status of 500 or more. */
  errors: number
}

/** Releases of one app that are remembered: what serves, what served before, and what takes over. */
const KEPT = 3

/** Counts answers, release by release. */
export class Tallies {
  readonly #byApp = new Map<string, Map<string, Tally>>()
  readonly #changed = new Set<Tally>()

  count(appId: string, releaseId: string, status: number): void {
    const tally = this.#byApp.get(appId)?.get(releaseId) ?? this.#begin(appId, releaseId)
    tally.answers++
    if (status >= 500) tally.errors++
    this.#changed.add(tally)
  }

  /** Those that have changed since they were last asked for; all of them for somebody new. */
  take(isNew = false): Tally[] {
    const taken = isNew ? [...this.#byApp.values()].flatMap(each => [...each.values()]) : [...this.#changed]
    this.#changed.clear()
    return taken
  }

  remove(appId: string): void {
    this.#byApp.delete(appId)
  }

  #begin(appId: string, releaseId: string): Tally {
    const ofApp = this.#byApp.get(appId) ?? new Map<string, Tally>()
    this.#byApp.set(appId, ofApp)
    const tally = { appId, releaseId, answers: 0, errors: 0 }
    ofApp.set(releaseId, tally)
    for (const oldest of ofApp.keys()) {
      if (ofApp.size <= KEPT) break
      ofApp.delete(oldest)
    }
    return tally
  }
}
