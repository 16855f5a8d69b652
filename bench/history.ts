/** The newest 15 releases of an app, and a change of it, in a ledger of 1,000,000 releases against one of 1,000. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PlatformClient } from '../src/client/platform-client.ts'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

const APP = 'bench'
const ROUNDS = 21
const CALLS = 20

await using large = await platformWith(1_000_000)
await using small = await platformWith(1_000)
for (const [what, work] of [
  ['newest 15 of 1,000,000 releases', list],
  ['config change after 1,000,000 releases', change],
] as const) {
  const { ours, bare } = await inTurns({ ours: repeated(work, large), bare: repeated(work, small) }, ROUNDS)
  compare(what, { ours, bare, unit: 'ms', goal: { atMost: 1.5 } })
}

/** A platform whose one app has that long a history, written into the ledger while the platform is down. */
async function platformWith(releases: number): Promise<TestPlatform> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const platform = await startPlatform({ dataDir })
  try {
    await new PlatformClient({ url: platform.endpoints.api, token: platform.token }).apps.create({
      name: APP,
    })
    await platform.stop()
    lengthen(join(dataDir, 'ledger.db'), releases)
    await platform.restart()
    return platform
  } catch (error) {
    await platform[Symbol.asyncDispose]()
    throw error
  }
}

/** Appends copies of v1, each replaced by the next. */
function lengthen(file: string, releases: number): void {
  const ledger = new DatabaseSync(file)
  const columns =
    'app_id, kind, artifact_id, config_id, addon_plan_names, reason, turn_at, succeeded_at, account_id, created_at, updated_at'
  ledger.exec(`
    begin;
    update releases set current = 0;
    insert into releases (id, version, description, status, current, ${columns})
      with recursive numbers (number) as (select 2 union all select number + 1 from numbers where number < ${releases})
      select lower(hex(randomblob(16))), number, 'Config add COUNT', 'succeeded', number = ${releases}, ${columns}
      from numbers, (select * from releases where version = 1);
    update apps set last_version = ${releases};
    commit;
    pragma wal_checkpoint(truncate)`)
  ledger.close()
}

function list(client: PlatformClient): Promise<unknown> {
  return client.releases.list(APP, { max: 15 })
}

function change(client: PlatformClient): Promise<unknown> {
  return client.config.patch(APP, { COUNT: String(performance.now()) })
}

/** Milliseconds of one of several calls in a row. */
function repeated(
  work: (client: PlatformClient) => Promise<unknown>,
  { endpoints, token }: TestPlatform,
): () => Promise<number> {
  const client = new PlatformClient({ url: endpoints.api, token })
  return async () => {
    const all = await timed(async () => {
      for (let call = 0; call < CALLS; call++) await work(client)
    })
    return all / CALLS
  }
}
