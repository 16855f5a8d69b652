import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { type CompiledQuery, Kysely, sql, type Transaction } from 'kysely'
import { sqliteDialect } from './dialects/sqlite.ts'
import type { Schema } from './schema.ts'
import { SharedCommits } from './shared-commits.ts'

/** A database with one empty table of marks, and another connection that sees what is committed. */
async function open(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-commits-'))
  const file = join(directory, 'ledger.db')
  const statements: string[] = []
  const log = ({ query }: { query: CompiledQuery }) => void statements.push(query.sql)
  const db = new Kysely<Schema>({ dialect: sqliteDialect(file), log })
  await sql`create table marks (text text primary key, parent text references marks (text))`.execute(db)
  const other = new DatabaseSync(file)
  t.after(async () => {
    other.close()
    await db.destroy()
    await rm(directory, { recursive: true })
  })
  const committed = () =>
    other
      .prepare('select text from marks order by rowid')
      .all()
      .map(row => row.text)
  return { commits: new SharedCommits(db), committed, statements }
}

const mark = async (db: Transaction<Schema>, text: string): Promise<string> => {
  await sql`insert into marks (text) values (${text})`.execute(db)
  return text
}

test('answers each transaction with its own result, once it is committed', async t => {
  const { commits, committed } = await open(t)
  const names = Array.from({ length: 100 }, (_, index) => `mark ${index}`)
  const seen = await Promise.all(
    names.map(async name => {
      assert.equal(await commits.run(db => mark(db, name)), name)
      return committed().includes(name)
    }),
  )
  assert.ok(seen.every(isThere => isThere))
  assert.deepEqual(committed(), names)
})

test('commits together what comes while another is at work, and nothing of it before', async t => {
  const { commits, committed } = await open(t)
  const gate = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const first = commits.run(async db => {
    await mark(db, 'first')
    entered.resolve()
    await gate.promise
  })
  await entered.promise
  const second = commits.run(async db => {
    await mark(db, 'second')
    return committed()
  })
  gate.resolve()
  assert.deepEqual(await second, [])
  await first
  assert.deepEqual(committed(), ['first', 'second'])
})

test('commits once for all requests that are there in one turn of the event loop', async t => {
  const { commits, committed, statements } = await open(t)
  const names = Array.from({ length: 10 }, (_, index) => `mark ${index}`)
  const request = (name: string) =>
    new Promise((resolve, reject) => {
      setImmediate(() => commits.run(db => mark(db, name)).then(resolve, reject))
    })
  await Promise.all(names.map(request))
  assert.deepEqual(committed(), names)
  assert.equal(statements.filter(statement => statement === 'commit').length, 1)
})

test('takes back only what the failed one did', async t => {
  const { commits, committed } = await open(t)
  const outcomes = await Promise.allSettled([
    commits.run(db => mark(db, 'before')),
    commits.run(async db => {
      await mark(db, 'taken back')
      throw new Error('It changed its mind.')
    }),
    commits.run(db => mark(db, 'before')),
    commits.run(db => mark(db, 'after')),
  ])
  assert.deepEqual(
    outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
    ['before', 'It changed its mind.', 'UNIQUE constraint failed: marks.text', 'after'],
  )
  assert.deepEqual(committed(), ['before', 'after'])
})

test('rejects all when the commit fails, and goes on with the next', async t => {
  const { commits, committed } = await open(t)
  const outcomes = await Promise.allSettled([
    commits.run(db => mark(db, 'innocent')),
    commits.run(async db => {
      await sql`pragma defer_foreign_keys = on`.execute(db)
      await sql`insert into marks (text, parent) values ('orphan', 'nobody')`.execute(db)
    }),
  ])
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected')
    assert.match(outcome.reason.message, /FOREIGN KEY/)
  }
  await commits.run(db => mark(db, 'next'))
  assert.deepEqual(committed(), ['next'])
})

test('gives everybody the first reason when the database gives up the whole transaction', async t => {
  const { commits, committed } = await open(t)
  const outcomes = await Promise.allSettled([
    commits.run(db => mark(db, 'before')),
    commits.run(async db => {
      await sql`insert or rollback into marks (text) values ('before')`.execute(db)
    }),
    commits.run(db => mark(db, 'after')),
  ])
  const reasons = outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.message : 'none'))
  assert.deepEqual(reasons, [
    'UNIQUE constraint failed: marks.text',
    'UNIQUE constraint failed: marks.text',
    'none',
  ])
  assert.deepEqual(committed(), ['after'])
})
