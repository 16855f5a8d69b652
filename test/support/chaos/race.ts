import assert from 'node:assert/strict'
import { TestApp, Traffic } from '../app.ts'
import { startPlatform } from '../platform.ts'
import { TestRepository } from '../repository.ts'
import { Developer } from './developer.ts'
import { assertKept } from './history.ts'
import { settled } from './leftovers.ts'
import { Seeded } from './seeded.ts'

const SEEDS = 2 ** 32

interface Race {
  clients: number
  /** Each client's. */
  changes: number
  rollbacks: number
  /** By one more client, who pushes once before all begin. */
  pushes: number
}

/** Has several clients change an app at once. Throws when anything they were told is there is not, or is mixed up. */
export async function race({ clients, changes, rollbacks, pushes }: Race): Promise<void> {
  await using platform = await startPlatform({
    environment: {
      ...{ TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2', TIDEMARK_RETENTION_RELEASES: '30' },
    },
  })
  const random = new Seeded()
  const app = await TestApp.create(platform, 'raced')
  await using repository = await TestRepository.of('witness')
  const pushing = new Developer(app, { name: 'p', random: new Seeded(random.below(SEEDS)), repository })
  await pushing.push()
  await using traffic = new Traffic(app, 2)
  const changing = Array.from(
    { length: clients },
    (_, index) => new Developer(app, { name: `c${index}`, random: new Seeded(random.below(SEEDS)) }),
  )
  await Promise.all([
    repeat(pushes - 1, () => pushing.push()),
    ...changing.map(client => repeat(changes, () => client.setConfig())),
    ...changing.map(client => repeat(rollbacks, () => client.rollBack())),
  ])
  await settled(platform, [app])
  await traffic.more(10)
  assert.deepEqual(traffic.failures, [], `seed ${random.seed}`)
  await assertKept(app, [pushing, ...changing])
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time++) await work()
}
