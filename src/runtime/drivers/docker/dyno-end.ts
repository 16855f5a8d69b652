import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, EngineUnavailable } from '../../../docker/engine.ts'
import { rest } from './dyno-log.ts'
import type { DynoState } from './dyno-state.ts'
import type { Surroundings } from './surroundings.ts'

const RETRY_AFTER: Duration = 500
const LOOK_AGAIN: Duration = 100

export interface DynoEndOptions {
  container: Docker.Container
  /** `web.1` */
  name: string
  state: DynoState
  now: Surroundings['now']
  /** The engine did not signal it: it may be over. */
  missed(): Promise<void>
  /** Aborts when it is over, or not ours any more. */
  signal: AbortSignal
}

/** Brings a dyno to its end: SIGTERM as soon as it hears it, SIGKILL when its time is up. */
export class DynoEnd {
  readonly #options: DynoEndOptions
  #hears: boolean
  #isAsked = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: DynoEndOptions, hears: boolean) {
    this.#options = options
    this.#hears = hears
  }

  /** SIGTERM now, SIGKILL after `grace`; a later call can only shorten the grace. */
  stop(grace: Duration): void {
    const { state, now } = this.#options
    const killAt = now() + grace
    if (state.hasExited || killAt >= (state.facts.killAt ?? Infinity)) return
    const isFirst = !state.isStopping
    if (isFirst) state.say('Stopping all processes with SIGTERM')
    state.note({ killAt, graceSeconds: Math.round(grace / 1000) })
    if (isFirst) state.change({ state: 'stopping' })
    this.goOn()
  }

  /** Does what is on record to be done, which an earlier control plane may have begun. */
  goOn(): void {
    const { state, now } = this.#options
    const { killAt } = state.facts
    if (killAt === null) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, killAt - now()))
    if (this.#isAsked) return
    this.#isAsked = true
    if (this.#hears) void this.#send('SIGTERM')
    else void this.#listen()
  }

  /** From now on it hears signals: before, the first process of a container is deaf. */
  hears(): void {
    if (this.#hears) return
    this.#hears = true
    if (this.#isAsked) void this.#send('SIGTERM')
  }

  kill(): void {
    void this.#send('SIGKILL')
  }

  /** Leaves it as it is. */
  letGo(): void {
    clearTimeout(this.#timer)
  }

  /** Its time is up. */
  #expire(): void {
    const { state, signal } = this.#options
    // It is over in time, and only what it printed is still to come.
    if (signal.aborted) return
    const { graceSeconds } = state.facts
    state.say(
      `Error R12 (Exit timeout) -> At least one process failed to exit within ${graceSeconds} seconds of SIGTERM`,
    )
    state.say('Stopping remaining processes with SIGKILL')
    this.kill()
  }

  /**
   * Looks itself whether it has printed anything, which is to say that it hears: an engine may leave a line untold to
   * those who follow, until there is another.
   */
  async #listen(): Promise<void> {
    const { container, name, signal } = this.#options
    const last = { stdout: true, tail: 1, follow: false as const, abortSignal: signal }
    while (!this.#hears && !signal.aborted) {
      const printed = await ask(`read the log of ${name}`, container.logs(last)).catch(() => '')
      if (printed.length > 0) this.hears()
      else await rest(LOOK_AGAIN, signal)
    }
  }

  /**
   * Until it has arrived, or there is nobody left to hear it. An engine refuses it for a dyno that it still starts, as
   * for one that is over, and at times fails at it: so it is sent again as long as the dyno is not over.
   */
  async #send(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { container, signal, missed } = this.#options
    while (!signal.aborted) {
      try {
        await ask(`end ${this.#options.name}`, container.kill({ signal: name }))
        return
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) await missed()
        await rest(RETRY_AFTER, signal)
      }
    }
  }
}
