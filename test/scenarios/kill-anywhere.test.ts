import { test } from 'node:test'
import { killAnywhere } from '../support/chaos/kill-anywhere.ts'
import { Seeded } from '../support/chaos/seeded.ts'
import { Postgres } from '../support/postgres.ts'

test('a server killed anywhere breaks no promise, its ledger in SQLite', () =>
  killAnywhere({ kills: 10, random: new Seeded() }))

test('a server killed anywhere breaks no promise, its ledger in PostgreSQL', async () => {
  await using postgres = await Postgres.start()
  const environment = { TIDEMARK_DATABASE_URL: await postgres.database() }
  await killAnywhere({ kills: 5, random: new Seeded(), environment })
})
