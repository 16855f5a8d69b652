import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { BuildFailure } from '../../src/build/builder.ts'
import { BuildCaches } from '../../src/build/caches.ts'
import { BuildWorker } from '../../src/build/worker.ts'
import type { Build } from '../../src/core/build.ts'
import { invalid } from '../../src/core/errors.ts'
import { Transcripts } from '../../src/logs/transcript.ts'
import { Scene } from '../contracts/ledger-scene.ts'
import { Postgres } from '../support/postgres.ts'

const postgres = await Postgres.start()
after(() => postgres.close())

describe('a build that fails, with a PostgreSQL ledger', () => {
  it('ends with its reason, without what no terminal and no database should be given', async () => {
    const fault = new BuildFailure('line 1: unknown instruction: F\0R\0O\0M\0 \x1b[2J\x1b[31mx')
    const { build, troubles } = await failed(fault)
    assert.deepEqual([build?.status, build?.reason], ['failed', 'line 1: unknown instruction: FROM x'])
    assert.deepEqual(troubles, [])
  })

  it('ends without its reason, when the ledger will not take that, rather than never', async () => {
    const { build, troubles } = await failed(invalid('The source is called "\0".'))
    assert.equal(build?.status, 'failed')
    assert.match(build?.reason ?? '', /^The platform failed to build this/)
    assert.deepEqual(troubles, ['write down a failed build'])
  })
})

/** A build whose builder throws `fault`, once it has ended. */
async function failed(fault: Error): Promise<{ build: Build | undefined; troubles: string[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-failed-builds-'))
  await using scene = await Scene.open({
    name: 'PostgreSQL',
    newPlace: () => postgres.database(),
    everything: async () => Buffer.alloc(0),
  })
  const troubles: string[] = []
  const build = await scene.startBuild()
  const worker = new BuildWorker({
    ledger: scene.ledger,
    builder: { build: () => Promise.reject(fault) },
    transcripts: new Transcripts(join(directory, 'transcripts')),
    buildDirectory: join(directory, 'builds'),
    caches: new BuildCaches(join(directory, 'caches')),
    sourceOf: () => async () => [],
    onTrouble: ({ doing }) => troubles.push(doing),
  })
  try {
    await worker.run(build, async () => [], { output: () => {}, signal: AbortSignal.timeout(60_000) })
    return { build: await scene.ledger.read.builds.byId(build.appId, build.id), troubles }
  } finally {
    await worker.close()
    await rm(directory, { recursive: true })
  }
}
