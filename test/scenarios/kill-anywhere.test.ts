import { suite, test } from 'node:test'
import { dockerRuntime } from '../support/chaos/docker-runtime.ts'
import { killAnywhere } from '../support/chaos/kill-anywhere.ts'
import { Seeded } from '../support/chaos/seeded.ts'
import { testEngine } from '../support/docker.ts'
import { Postgres } from '../support/postgres.ts'

const found = await testEngine()

suite('a server killed anywhere breaks no promise', { concurrency: 2 }, () => {
  test('with its ledger in SQLite', () => killAnywhere({ kills: 5, random: new Seeded() }))

  test('with its ledger in PostgreSQL', async () => {
    await using postgres = await Postgres.start()
    const environment = { TIDEMARK_DATABASE_URL: await postgres.database() }
    await killAnywhere({ kills: 3, random: new Seeded(), environment })
  })

  test('with containers as dynos', { skip: found.skip ?? false }, async () =>
    killAnywhere({ kills: 4, random: new Seeded(), runtime: await dockerRuntime() }),
  )
})
