import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { findClientPrograms } from './client-programs.ts'

async function directories(t: TestContext, versions: readonly string[]): Promise<string[]> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-client-programs-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return Promise.all(
    versions.map(async version => {
      const directory = join(home, version)
      await mkdir(directory)
      for (const name of ['pg_dump', 'pg_restore']) {
        const text = `#!/bin/sh\necho "${name} (PostgreSQL) ${version} (Debian ${version}-1)"\n`
        await writeFile(join(directory, name), text, { mode: 0o755 })
      }
      return directory
    }),
  )
}

describe('the client programs', () => {
  it('are the oldest that understand the server', async t => {
    const all = await directories(t, ['13.9', '17.2', '16.4'])
    assert.equal((await findClientPrograms(all, 15))?.dump, join(all[2] ?? '', 'pg_dump'))
    assert.equal((await findClientPrograms(all, 17))?.major, 17)
  })

  it('are none where all are too old, or there are none', async t => {
    assert.equal(await findClientPrograms(await directories(t, ['15.1']), 18), undefined)
    assert.equal(await findClientPrograms(['/nowhere'], 15), undefined)
  })

  it('are both of a version', async t => {
    const [one = ''] = await directories(t, ['17.1'])
    await rm(join(one, 'pg_restore'))
    assert.equal(await findClientPrograms([one], 15), undefined)
  })
})
