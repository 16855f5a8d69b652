import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Transcripts } from '../logs/transcript.ts'
import type { DynoLine } from '../runtime/driver.ts'
import { ReleaseOutputs } from './release-outputs.ts'

const LIMIT = AbortSignal.timeout(20_000)

/** Lines of a command, in the order in which a driver delivers them: what it printed, and its end. */
function lines(id: string, ...texts: string[]): DynoLine[] {
  let offset = 0
  const line = (text: string, source: 'app' | 'heroku', isLast: boolean): DynoLine => {
    const at = source === 'app' ? offset : null
    if (source === 'app') offset += Buffer.byteLength(text) + 1
    const dyno = { id, kind: 'release' as const }
    return { appId: 'app', line: { at: 1, source, dyno: 'release.1', text }, dyno, offset: at, isLast }
  }
  return [
    line('Starting process', 'heroku', false),
    ...texts.map(text => line(text, 'app', false)),
    line('State changed from up to complete', 'heroku', true),
  ]
}

async function read(transcripts: Transcripts, id: string): Promise<string | undefined> {
  const output = await transcripts.read(id, 0, LIMIT)
  return output && Buffer.concat(await Array.fromAsync(output)).toString()
}

describe('the output of release commands', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-outputs-'))
  })
  after(() => rm(directory, { recursive: true }))

  test('is what the command printed, and nothing of other dynos', async () => {
    const transcripts = new Transcripts(directory)
    const [first, ...rest] = lines('plain', 'grün', '', 'done')
    assert.ok(first)
    const web = { ...first, dyno: { id: 'web', kind: 'formation' as const } }
    const outputs = new ReleaseOutputs(transcripts)
    await outputs.store([first, web])
    assert.equal(await transcripts.exists('plain'), true, 'it begins when the dyno starts')
    await outputs.store(rest)
    assert.equal(await read(transcripts, 'plain'), 'grün\n\ndone\n')
    assert.equal(await transcripts.exists('web'), false)
  })

  test('is the same wherever a kill cuts its storing short, and however often lines come again', async () => {
    const all = lines('cut', 'one', 'two', 'three')
    for (let stored = 0; stored <= all.length; stored++) {
      for (let acknowledged = 0; acknowledged <= stored; acknowledged++) {
        const id = `cut-${stored}-${acknowledged}`
        const named = all.map(line => ({ ...line, dyno: { id, kind: 'release' as const } }))
        await new ReleaseOutputs(new Transcripts(directory)).store(named.slice(0, stored))
        const transcripts = new Transcripts(directory)
        await new ReleaseOutputs(transcripts).store(named.slice(acknowledged))
        assert.equal(await read(transcripts, id), 'one\ntwo\nthree\n', id)
      }
    }
  })

  test('goes on growing after a restart, before the command prints more', async () => {
    const [first, one, ...rest] = lines('adopted', 'one', 'two')
    assert.ok(first && one)
    await new ReleaseOutputs(new Transcripts(directory)).store([first, one])
    const transcripts = new Transcripts(directory)
    const outputs = new ReleaseOutputs(transcripts)
    await outputs.adopt([{ id: 'adopted', kind: 'release', state: 'running' }])
    const reading = read(transcripts, 'adopted')
    await outputs.store(rest)
    assert.equal(await reading, 'one\ntwo\n')
  })
})
