import fc from 'fast-check'
import type { ProcessTypes } from '../../src/core/procfile.ts'
import type { Duration } from '../../src/core/time.ts'

/** Something that happens to a platform. */
export type Happening =
  | { do: 'deploy'; types: ProcessTypes }
  | { do: 'config'; patch: Record<string, string | null> }
  | { do: 'rollback'; back: number }
  | { do: 'scale'; type: string; quantity: number }
  | { do: 'restart'; what: 'all' | 'web' | 'web.1' }
  | { do: 'stop'; name: string }
  | { do: 'one-off'; command: string }
  /** From now on releases stand by for so long after the cut-over to the next one. */
  | { do: 'standby'; lasts: Duration }
  | { do: 'crash'; index: number }
  /** A dyno becomes another, vanishes, or appears though nobody started it. */
  | { do: 'drift'; how: 'changed' | 'vanished' | 'stray'; index: number }
  | { do: 'time'; passes: Duration }
  /** All dynos take a step of their lives while time passes, and the control plane does all there is to do. */
  | { do: 'turn'; passes: Duration }
  /** The control plane works until nothing is left to do, or is killed after so many steps. */
  | { do: 'work'; steps: number | null }

const types: fc.Arbitrary<ProcessTypes> = fc
  .record({
    web: fc.option(oneOf('boots', 'boots', 'boots', 'mute', 'dies'), { freq: 8 }),
    worker: fc.option(oneOf('boots', 'boots', 'dies')),
    release: fc.option(oneOf('ends', 'ends', 'dies', 'hangs'), { freq: 1 }),
  })
  .map(
    all => Object.fromEntries(Object.entries(all).filter(([, command]) => command !== null)) as ProcessTypes,
  )

const deploy = fc.record({ do: fc.constant('deploy' as const), types })
const config = fc.record({
  do: fc.constant('config' as const),
  patch: fc.dictionary(oneOf('A', 'B', 'C'), fc.option(oneOf('1', '2', '3')), {
    minKeys: 1,
    maxKeys: 2,
    noNullPrototype: true,
  }),
})
const rollback = fc.record({ do: fc.constant('rollback' as const), back: fc.nat({ max: 3 }) })
const time = fc.record({
  do: fc.constant('time' as const),
  passes: oneOf(100, 1000, 3000, 61_000, 3_700_000),
})
const work = fc.record({ do: fc.constant('work' as const), steps: fc.option(fc.nat({ max: 4 })) })
const crash = fc.record({ do: fc.constant('crash' as const), index: fc.nat({ max: 3 }) })

const shape: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    do: fc.constant('scale' as const),
    type: oneOf('web', 'worker'),
    quantity: fc.nat({ max: 2 }),
  }),
  fc.record({ do: fc.constant('restart' as const), what: oneOf('all', 'web', 'web.1') }),
  fc.record({ do: fc.constant('stop' as const), name: oneOf('web.1', 'worker.1') }),
  fc.record({
    do: fc.constant('drift' as const),
    how: oneOf('changed', 'vanished', 'stray'),
    index: fc.nat({ max: 3 }),
  }),
  fc.record({ do: fc.constant('one-off' as const), command: oneOf('ends', 'hangs') }),
)

const standby = fc.record({ do: fc.constant('standby' as const), lasts: oneOf(0, 3000, 61_000) })
const change: fc.Arbitrary<Happening> = fc.oneof(deploy, config, config, rollback)
const interruption: fc.Arbitrary<Happening> = fc.oneof(time, work, crash, standby)
/** Time passes in which dynos live, and the control plane does all there is to do. */
const turn: fc.Arbitrary<Happening> = oneOf({ do: 'turn', passes: 1000 }, { do: 'turn', passes: 3000 })

const turns = (count: number) =>
  Array.from({ length: count }, (): Happening => ({ do: 'turn', passes: 3000 }))

const TWO_OF_EACH: readonly Happening[] = [
  { do: 'deploy', types: { web: 'boots', worker: 'boots' } },
  ...turns(4),
  { do: 'scale', type: 'web', quantity: 2 },
  { do: 'scale', type: 'worker', quantity: 1 },
  ...turns(4),
]

const BEGINNINGS: readonly (readonly Happening[])[] = [
  [],
  TWO_OF_EACH,
  [
    ...TWO_OF_EACH,
    { do: 'standby', lasts: 61_000 },
    { do: 'config', patch: { A: '9' } },
    ...turns(4),
    { do: 'rollback', back: 1 },
  ],
]

function histories(...happenings: fc.Arbitrary<Happening>[]): fc.Arbitrary<Happening[]> {
  const rest = fc.array(fc.oneof(...happenings), { maxLength: 40, size: 'max' })
  return fc.tuple(fc.constantFrom(...BEGINNINGS), rest).map(([beginning, after]) => [...beginning, ...after])
}

/** Releases come and go, dynos live and die, the control plane is killed. */
export const releasesOnly = histories(change, interruption, turn, turn)

/** The same, while people scale, restart and stop dynos. */
export const everything = histories(change, shape, interruption, turn, turn)

function oneOf<const T extends readonly [unknown, ...unknown[]]>(...values: T): fc.Arbitrary<T[number]> {
  return fc.constantFrom(...values) as fc.Arbitrary<T[number]>
}
