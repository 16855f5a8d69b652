import type { Duration } from '../../src/core/time.ts'
import type { Driver, DynoSpec, LogBatch, ObservedDyno } from '../../src/runtime/driver.ts'
import type { SimulatedClock } from './clock.ts'

/** What a dyno does is its command: `dies`, `mute` (never listens), `hangs` (never ends); a release command else ends well. */
type Fate = 'boots' | 'dies' | 'mute' | 'hangs'

interface SimulatedDyno {
  seen: ObservedDyno
  fate: Fate
}

/** A machine that runs dynos as their commands say, one step of their lives a {@link tick}. It outlives the control plane. */
export class SimulatedDriver implements Driver {
  readonly sharesLoopback = true
  readonly #clock: SimulatedClock
  readonly #dynos = new Map<string, SimulatedDyno>()
  readonly #listeners = new Set<(dyno: ObservedDyno) => void>()
  /** Every id that was ever started: none may be started a second time after it was forgotten. */
  readonly #used = new Set<string>()
  /** Looks at every stop before it happens. */
  onStop: (dyno: ObservedDyno) => void = () => {}

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

  async start(spec: DynoSpec): Promise<void> {
    if (this.#dynos.has(spec.id)) return
    if (this.#used.has(spec.id))
      throw new Error(`${spec.name} was started again under the id of a dyno that is gone.`)
    this.#used.add(spec.id)
    const { id, appId, releaseId, kind, name, type, number, fingerprint } = spec
    const seen: ObservedDyno = {
      ...{ id, appId, releaseId, kind, name, type, number, fingerprint },
      state: 'starting',
      isListening: false,
      address: `127.0.0.1:${10_000 + this.#used.size}`,
      startedAt: this.#clock.now,
      exitedAt: null,
      exitStatus: null,
      fault: null,
    }
    this.#dynos.set(id, { seen, fate: spec.command as Fate })
    this.#tell(seen)
  }

  async stop(id: string, _grace: Duration): Promise<void> {
    const dyno = this.#dynos.get(id)
    if (!dyno || dyno.seen.state === 'exited' || dyno.seen.state === 'stopping') return
    this.onStop(dyno.seen)
    this.#change(dyno, { state: 'stopping', isListening: false })
  }

  async list(): Promise<readonly ObservedDyno[]> {
    return [...this.#dynos.values()].map(dyno => dyno.seen)
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (this.#dynos.get(id)?.seen.state === 'exited') this.#dynos.delete(id)
  }

  watch(listener: (dyno: ObservedDyno) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async *logs(): AsyncIterable<LogBatch> {}

  async close(): Promise<void> {
    this.#dynos.clear()
  }

  caveats(): readonly string[] {
    return []
  }

  get(id: string): ObservedDyno | undefined {
    return this.#dynos.get(id)?.seen
  }

  /** Something is on its way to another state by itself. */
  get isBusy(): boolean {
    return [...this.#dynos.values()].some(
      ({ seen }) => seen.state === 'starting' || seen.state === 'stopping',
    )
  }

  /** Every dyno takes one step of its life. */
  tick(): void {
    for (const dyno of this.#dynos.values()) this.#live(dyno)
  }

  /** The `index`-th running dyno dies, whatever its command. */
  crash(index: number): void {
    const running = [...this.#dynos.values()].filter(dyno => dyno.seen.state === 'running')
    const unlucky = running[index % Math.max(1, running.length)]
    if (unlucky) this.#exit(unlucky, 137)
  }

  /** The `index`-th running dyno of the formation becomes what it should not be. */
  drift(how: 'changed' | 'vanished' | 'stray', index: number): void {
    const running = [...this.#dynos.values()].filter(
      ({ seen }) => seen.kind === 'formation' && seen.state === 'running',
    )
    const dyno = running[index % Math.max(1, running.length)]
    if (!dyno) return
    const { id } = dyno.seen
    const stray = `stray of ${id}`
    if (how === 'changed') this.#change(dyno, { fingerprint: 'another' })
    if (how === 'stray') this.#dynos.set(stray, { ...dyno, seen: { ...dyno.seen, id: stray } })
    if (how === 'vanished' && this.#dynos.delete(id)) this.#used.delete(id)
  }

  #live(dyno: SimulatedDyno): void {
    const { seen, fate } = dyno
    if (seen.state === 'stopping') this.#exit(dyno, 143)
    if (seen.state === 'starting') this.#change(dyno, { state: 'running' })
    if (seen.state === 'running') this.#run(dyno, fate)
  }

  #run(dyno: SimulatedDyno, fate: Fate): void {
    const { kind, type } = dyno.seen
    if (fate === 'dies') this.#exit(dyno, 1)
    else if (kind !== 'formation' && fate !== 'hangs') this.#exit(dyno, 0)
    else if (kind === 'formation' && type === 'web' && fate !== 'mute')
      this.#change(dyno, { isListening: true })
  }

  #exit(dyno: SimulatedDyno, exitStatus: number): void {
    this.#change(dyno, { state: 'exited', isListening: false, exitedAt: this.#clock.now, exitStatus })
  }

  #change(dyno: SimulatedDyno, changes: Partial<ObservedDyno>): void {
    dyno.seen = { ...dyno.seen, ...changes }
    this.#tell(dyno.seen)
  }

  #tell(seen: ObservedDyno): void {
    for (const listener of this.#listeners) listener(seen)
  }
}
