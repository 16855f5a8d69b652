/** What every measure shares: the two ways of doing something taken in turns, medians, and a line that says how they compare. */

/** Does something once and says what it came to: milliseconds, a rate, bytes. */
export type Sample = () => Promise<number>

export interface Goal {
  atMost?: number
  atLeast?: number
}

/** Takes the ways in turns, so that whatever else the machine does meets them alike. Returns each one's median. */
export async function inTurns<Way extends string>(
  ways: Readonly<Record<Way, Sample>>,
  rounds: number,
): Promise<Record<Way, number>> {
  const samples = new Map<string, number[]>()
  const entries = Object.entries<Sample>(ways)
  for (let round = 0; round < rounds; round++) {
    for (const [way, take] of entries) samples.set(way, [...(samples.get(way) ?? []), await take()])
  }
  return Object.fromEntries(entries.map(([way]) => [way, median(samples.get(way) ?? [])])) as Record<
    Way,
    number
  >
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/**
 * Prints one line: what was measured, what it was measured against, and whether the goal is reached, when there is one.
 * The program's exit status tells of goals that are not.
 */
export function compare(
  what: string,
  sides: { ours: number; bare: number; unit: string; goal?: Goal },
): void {
  const { ours, bare, unit, goal } = sides
  const figures = `${shown(ours)} ${unit} against ${shown(bare)} ${unit}`
  const judged = goal === undefined ? '' : ` (${wanted(goal)}; ${verdict(ours / bare, goal)})`
  console.log(`${what}: ${figures}, ratio ${(ours / bare).toFixed(2)}${judged}`)
}

/** The same for a figure that stands for itself. */
export function state(what: string, figure: { value: number; unit: string; goal: Goal }): void {
  const { value, unit, goal } = figure
  console.log(`${what}: ${shown(value)} ${unit} (${wanted(goal)}; ${verdict(value, goal)})`)
}

function wanted({ atMost, atLeast }: Goal): string {
  return atMost === undefined ? `wanted: at least ${atLeast}` : `wanted: at most ${atMost}`
}

function verdict(value: number, { atMost, atLeast }: Goal): string {
  const isReached =
    value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
  if (isReached) return 'reached'
  process.exitCode = 1
  return 'MISSED'
}

function shown(value: number): string {
  return value.toFixed(value < 100 && !Number.isInteger(value) ? 1 : 0)
}
