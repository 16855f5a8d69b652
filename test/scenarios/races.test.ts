import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestApp, Traffic } from '../support/app.ts'
import { Developer } from '../support/chaos/developer.ts'
import { assertKept } from '../support/chaos/history.ts'
import { settled } from '../support/chaos/leftovers.ts'
import { Seeded } from '../support/chaos/seeded.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const CLIENTS = 10
const SEEDS = 2 ** 32

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: {
      ...{ TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2', TIDEMARK_RETENTION_RELEASES: '30' },
    },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

test('200 config changes, 20 pushes and 20 rollbacks at once: each is there once, none is mixed up', async () => {
  const random = new Seeded()
  const app = await TestApp.create(platform, 'raced')
  await using repository = await TestRepository.of('witness')
  const pushing = new Developer(app, { name: 'p', random: new Seeded(random.below(SEEDS)), repository })
  await pushing.push()
  await using traffic = new Traffic(app, 2)
  const clients = Array.from(
    { length: CLIENTS },
    (_, index) => new Developer(app, { name: `c${index}`, random: new Seeded(random.below(SEEDS)) }),
  )
  await Promise.all([
    repeat(19, () => pushing.push()),
    ...clients.map(client => repeat(20, () => client.setConfig())),
    ...clients.map(client => repeat(2, () => client.rollBack())),
  ])
  await settled(platform, [app])
  await traffic.more(10)
  assert.deepEqual(traffic.failures, [], `seed ${random.seed}`)
  await assertKept(app, [pushing, ...clients])
})

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time++) await work()
}
