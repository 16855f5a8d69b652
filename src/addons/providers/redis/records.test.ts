import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type AddonRecord, Records } from './records.ts'

const RECORD: AddonRecord = {
  id: '01234567-89ab-4cde-8f01-23456789abcd',
  kind: 'server',
  number: 9123,
  address: '127.0.0.1',
  limits: { megabytes: 25, connections: 20 },
  generations: [1, 2],
}

async function place(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-records-'))
  t.after(() => rm(directory, { recursive: true }))
  return join(directory, 'records')
}

describe('records of add-ons', () => {
  it('are none where there never were any', async t => {
    const records = new Records(await place(t))
    assert.deepEqual(await records.all(), [])
    assert.equal(await records.find(RECORD.id), undefined)
    await records.remove(RECORD.id)
  })

  it('are read as they were written, by nobody else', async t => {
    const directory = await place(t)
    const records = new Records(directory)
    await records.save(RECORD)
    await writeFile(join(directory, `${RECORD.id}.json.new`), 'cut sho')
    assert.deepEqual(await records.all(), [RECORD])
    await records.save({ ...RECORD, generations: [2] })
    assert.deepEqual((await records.find(RECORD.id))?.generations, [2])
    assert.equal((await stat(join(directory, `${RECORD.id}.json`))).mode & 0o777, 0o600)
    await records.remove(RECORD.id)
    assert.deepEqual(await records.all(), [])
  })

  it('say when one is damaged, and lead nowhere else', async t => {
    const directory = await place(t)
    const records = new Records(directory)
    await records.save(RECORD)
    for (const text of ['', '{}', '{"number":1,"limits":{},"generations":[]}']) {
      await writeFile(join(directory, `${RECORD.id}.json`), text)
      await assert.rejects(records.find(RECORD.id), /is damaged/)
    }
    await assert.rejects(records.find('../x'), /expected a UUID/)
  })
})
