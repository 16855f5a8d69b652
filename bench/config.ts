/** Config changes a second that the API accepts for good, against the same rows inserted bare. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformClient } from '../src/client/platform-client.ts'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { BareLedger } from './bare-ledger.ts'
import { compare, inTurns } from './side-by-side.ts'

const CALLERS = 16
const APPS_EACH = 16
const ROUNDS = 5
const SECONDS = 3

await using platform = await startPlatform()
const directory = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
try {
  const callers = await makeCallers(platform)
  const bare = await BareLedger.copy(join(platform.dataDir, 'ledger.db'), join(directory, 'bare.sqlite'))
  const work = { ours: configChanges(callers), bare: () => perSecond(1, async () => bare.change()) }
  const medians = await inTurns(work, ROUNDS)
  compare('config changes', { ...medians, unit: 'a second', goal: { atLeast: 0.25 } })
  bare.close()
} finally {
  await rm(directory, { recursive: true })
}

/** Somebody with apps of their own: no account is allowed as many requests as this takes. */
interface Caller {
  client: PlatformClient
  apps: readonly string[]
}

async function makeCallers({ endpoints: { api: url }, token }: TestPlatform): Promise<Caller[]> {
  const owner = new PlatformClient({ url, token })
  const callers: Caller[] = []
  for (let number = 0; number < CALLERS; number++) {
    const account = await owner.accounts.create({ email: `caller-${number}@example.com` })
    const client = new PlatformClient({ url, token: account.token })
    const apps = Array.from({ length: APPS_EACH }, (_, index) => `bench-${number}-${index}`)
    for (const name of apps) await client.apps.create({ name })
    callers.push({ client, apps })
  }
  return callers
}

function configChanges(callers: readonly Caller[]): () => Promise<number> {
  let count = 0
  return () =>
    perSecond(CALLERS, caller => {
      const { client, apps } = callers[caller] as Caller
      const value = count++
      return client.config.patch(apps[value % apps.length] as string, { COUNT: String(value) })
    })
}

/** How often `work` is done in a second, by so many callers at a time. */
async function perSecond(callers: number, work: (caller: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  let done = 0
  const keepOn = async (caller: number) => {
    while (performance.now() - begin < SECONDS * 1000) {
      await work(caller)
      done++
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => keepOn(caller)))
  return done / ((performance.now() - begin) / 1000)
}
