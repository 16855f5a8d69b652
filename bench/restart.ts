/** A restart of the control plane over 50 running dynos, until every one is adopted and the API answers, against a start on an empty directory. */
import { PlatformClient } from '../src/client/platform-client.ts'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { TestRepository } from '../test/support/repository.ts'
import { until } from './deployed-app.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

const DYNOS = 50
const APPS = 5
const ROUNDS = 5

await using platform = await startPlatform()
const client = new PlatformClient({ url: platform.endpoints.api, token: platform.token })
const names = Array.from({ length: APPS }, (_, index) => `bench-${index}`)
await deploy(platform)
const running = await dynos()
const { full, empty } = await inTurns({ full: restart, empty: emptyStart }, ROUNDS)
if ((await dynos()).join() !== running.join()) throw new Error('A restart replaced dynos.')
compare(`restart, ${DYNOS} dynos`, { ours: full, bare: empty, unit: 'ms', goal: { atMost: 2 } })

async function deploy(to: TestPlatform): Promise<void> {
  await using repository = await TestRepository.of('procfile-only')
  for (const name of names) {
    await client.apps.create({ name })
    const { status, stderr } = await repository.push(to, name)
    if (status !== 0) throw new Error(`The push was declined:\n${stderr}`)
    await client.formations.update(name, [{ type: 'web', quantity: String(DYNOS / APPS) }])
  }
  await until(async () => (await dynos()).length === DYNOS, 200)
}

/** Ids of the dynos that are up. */
async function dynos(): Promise<string[]> {
  const lists = await Promise.all(names.map(name => client.dynos.list(name)))
  return lists
    .flat()
    .filter(({ state }) => state === 'up')
    .map(({ id }) => id)
    .sort()
}

/** The server says that it runs once it has adopted every dyno and answers. */
async function restart(): Promise<number> {
  await platform.crash()
  return timed(() => platform.restart())
}

async function emptyStart(): Promise<number> {
  let other: TestPlatform | undefined
  const took = await timed(async () => {
    other = await startPlatform()
  })
  await other?.[Symbol.asyncDispose]()
  return took
}
