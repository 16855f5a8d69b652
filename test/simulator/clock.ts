import type { Duration, Instant } from '../../src/core/time.ts'

/** Time that passes only when told to. */
export class SimulatedClock {
  now: Instant = Date.UTC(2026, 0, 1)

  pass(duration: Duration): void {
    this.now += duration
  }
}
