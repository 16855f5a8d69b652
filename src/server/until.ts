import { setTimeout as after } from 'node:timers/promises'

const PAUSE = 5

/** Asks `probe` until it answers something; undefined when it did not within `within` milliseconds. For what tells of no event. */
export async function until<T>(
  probe: () => T | undefined,
  { within }: { within: number },
): Promise<T | undefined> {
  const end = performance.now() + within
  while (true) {
    const answer = probe()
    if (answer !== undefined || performance.now() >= end) return answer
    await after(PAUSE)
  }
}
