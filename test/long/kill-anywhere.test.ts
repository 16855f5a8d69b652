import { suite, test } from 'node:test'
import { dockerRuntime } from '../support/chaos/docker-runtime.ts'
import { killAnywhere } from '../support/chaos/kill-anywhere.ts'
import { Seeded } from '../support/chaos/seeded.ts'
import { testEngine } from '../support/docker.ts'
import { Postgres } from '../support/postgres.ts'

const found = await testEngine()

suite('a server killed anywhere breaks no promise', () => {
  test('with its ledger in PostgreSQL', async () => {
    await using postgres = await Postgres.start()
    const environment = { TIDEMARK_DATABASE_URL: await postgres.database() }
    await killAnywhere({ kills: 8, random: new Seeded(), environment })
  })

  test('with containers as dynos', { skip: found.skip ?? false }, async () =>
    killAnywhere({ kills: 8, random: new Seeded(), runtime: await dockerRuntime() }),
  )
})
