import { setTimeout as after } from 'node:timers/promises'

const PAUSE = 50
const WITHIN = 60_000

/** Asks `probe` until it answers something, for what no event tells of. Throws, naming `what`, when it does not in time. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  within: number = WITHIN,
): Promise<T> {
  const end = performance.now() + within
  let fault: unknown
  while (performance.now() < end) {
    try {
      const answer = await probe()
      if (answer !== undefined) return answer
      fault = undefined
    } catch (error) {
      fault = error
    }
    await after(PAUSE)
  }
  throw new Error(`Not within ${within} ms: ${what}`, { cause: fault })
}
