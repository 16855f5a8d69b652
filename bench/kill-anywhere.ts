/**
 * Kills the control plane at random moments under changes and visits, on both ledgers: KILLS times each, 100 unless told.
 * With RUNTIME=docker the dynos are containers of this machine's engine.
 */
import { dockerRuntime } from '../test/support/chaos/docker-runtime.ts'
import { killAnywhere } from '../test/support/chaos/kill-anywhere.ts'
import { processRuntime } from '../test/support/chaos/process-runtime.ts'
import { Seeded } from '../test/support/chaos/seeded.ts'
import { Postgres } from '../test/support/postgres.ts'
import { timed } from './side-by-side.ts'

const { KILLS = '100', RUNTIME = 'process' } = process.env
if (!['process', 'docker'].includes(RUNTIME))
  throw new Error(`RUNTIME is ${JSON.stringify(RUNTIME)}: expected process or docker.`)
const kills = Number(KILLS)
const runtime = RUNTIME === 'docker' ? await dockerRuntime() : processRuntime

await measure('SQLite', {})
await using postgres = await Postgres.start()
await measure('PostgreSQL', { TIDEMARK_DATABASE_URL: await postgres.database() })

async function measure(ledger: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const random = new Seeded()
  const took = await timed(() => killAnywhere({ kills, random, environment, runtime }))
  console.log(
    `kill-anywhere, ${RUNTIME}, ${ledger}: ${kills} kills in ${Math.round(took / 1000)} s, no promise broken (seed ${random.seed})`,
  )
}
