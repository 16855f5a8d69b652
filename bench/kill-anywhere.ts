/** Kills the control plane at random moments under changes and visits, on both ledgers: KILLS times each, 100 unless told. */
import { killAnywhere } from '../test/support/chaos/kill-anywhere.ts'
import { Seeded } from '../test/support/chaos/seeded.ts'
import { Postgres } from '../test/support/postgres.ts'
import { timed } from './side-by-side.ts'

const kills = Number(process.env.KILLS ?? 100)

await measure('SQLite', {})
await using postgres = await Postgres.start()
await measure('PostgreSQL', { TIDEMARK_DATABASE_URL: await postgres.database() })

async function measure(ledger: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const random = new Seeded()
  const took = await timed(() => killAnywhere({ kills, random, environment }))
  console.log(
    `kill-anywhere, ${ledger}: ${kills} kills in ${Math.round(took / 1000)} s, no promise broken (seed ${random.seed})`,
  )
}
