import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CompiledQuery, Kysely } from 'kysely'
import { ArtifactReader } from './artifacts.ts'
import { BuildReader } from './builds.ts'
import type { WriteContext } from './context.ts'
import { sqliteDialect } from './dialects/sqlite.ts'
import { EventReader } from './events.ts'
import { sqliteSql } from './migrations/dialect-sql.ts'
import { migrate } from './migrations/migrate.ts'
import { ReleaseWriter } from './release-writer.ts'
import type { Schema } from './schema.ts'
import { Seal } from './seal.ts'

/** A history grows for ever: whatever is asked often must not read all of it. */
describe('finds by a small index, however long the history is:', () => {
  let statements: CompiledQuery[] = []
  let db: Kysely<Schema>
  let context: WriteContext
  before(async () => {
    const log = ({ query }: { query: CompiledQuery }) => void statements.push(query)
    db = new Kysely<Schema>({ dialect: sqliteDialect(':memory:'), log })
    await migrate(db, sqliteSql)
    context = { db, seal: new Seal(new Uint8Array(32)), now: 0, newId: () => 'id' }
  })
  after(() => db.destroy())

  /** How SQLite goes about what `ask` asks, whatever the values are. */
  async function plan(ask: () => Promise<unknown>): Promise<string[]> {
    statements = []
    await ask()
    const asked = statements
    const plans = asked.map(({ sql, parameters }) => {
      const anything = parameters.map(() => 'anything')
      return db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${sql}`, anything))
    })
    return (await Promise.all(plans)).flatMap(({ rows }) => rows.map(row => row.detail))
  }

  it('current, rolling and pending releases', async () => {
    const releases = new ReleaseWriter(context)
    assert.match((await plan(() => releases.current('app'))).join('\n'), /releases USING INDEX one_current/)
    assert.match((await plan(() => releases.rolling('app'))).join('\n'), /releases USING INDEX one_rollout/)
    assert.match((await plan(() => releases.pending('app'))).join('\n'), /releases USING INDEX pending_rele/)
    const [update = ''] = await plan(() => releases.succeed('app', 'release'))
    assert.match(update, /releases USING (COVERING )?INDEX one_current/)
  })

  it('crashes among all that happened', async () => {
    const [step = ''] = await plan(() => new EventReader(context).crashes('app', 0))
    assert.match(step, /events USING INDEX crashes/)
  })

  it('the head, by walking from the newest', async () => {
    const [step = ''] = await plan(() => new ReleaseWriter(context).head('app'))
    assert.match(step, /releases USING INDEX sqlite_autoindex_releases_2 \(app_id=\?\)/)
  })

  it('artifacts that are there, the newest release of each, and those whose bytes are still to go', async () => {
    const page = { after: '', limit: 10 }
    const alive = (await plan(() => new ArtifactReader(context).alive('app', page))).join('\n')
    assert.match(alive, /artifacts USING INDEX artifacts_alive/)
    assert.match(alive, /releases USING (COVERING )?INDEX releases_of_artifact/)
    const collect = (await plan(() => new ArtifactReader(context).toCollect(page))).join('\n')
    assert.match(collect, /artifacts USING INDEX artifacts_to_collect/)
    const uses = await plan(() => new ReleaseWriter(context).ofArtifacts('app', ['a']))
    assert.match(uses.join('\n'), /releases USING INDEX releases_of_artifact/)
  })

  it('apps in which something runs, images in use, and pending builds', async () => {
    const alive = await plan(() => new ReleaseWriter(context).appsAlive())
    const used = await plan(() => new ArtifactReader(context).digestsInUse())
    const waiting = await plan(() => new BuildReader(context).pending())
    for (const step of [...alive, ...used, ...waiting])
      assert.doesNotMatch(step, /SCAN (releases|builds|artifacts)$/)
    assert.match(waiting.join('\n'), /INDEX pending_builds/)
  })
})
