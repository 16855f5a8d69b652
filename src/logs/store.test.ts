import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LogLine } from './line.ts'
import { LogStore } from './store.ts'

const START = 1_700_000_000_000
const ALL = { lines: 1500 }
const line = (n: number, changes: Partial<LogLine> = {}): LogLine => {
  return { at: START + n, source: 'app', dyno: 'web.1', text: `line ${n}`, ...changes }
}
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index))

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-logs-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

const open = (path: string) => new LogStore(path, () => START)

test('lines come back in order, the newest of those that match', async t => {
  const store = open(await directory(t))
  await store.append('a', [line(1), line(2, { source: 'heroku' }), line(3, { dyno: 'worker.1' })])
  await store.append('a', [line(4)])
  assert.deepEqual(await store.query('a', ALL), [
    line(1),
    line(2, { source: 'heroku' }),
    line(3, { dyno: 'worker.1' }),
    line(4),
  ])
  assert.deepEqual(await store.query('a', { lines: 1, dyno: 'web' }), [line(4)])
  assert.deepEqual(await store.query('a', { lines: 0 }), [])
  assert.deepEqual(await store.query('b', ALL), [])
})

test('the last 1,500 lines survive a restart, and no more than a little is on disk', async t => {
  const path = await directory(t)
  const store = open(path)
  for (let n = 0; n < 6000; n += 100) await store.append('a', range(n, n + 100))
  assert.deepEqual(await store.query('a', ALL), range(4500, 6000))
  assert.deepEqual(await open(path).query('a', ALL), range(4500, 6000))
  const names = await readdir(join(path, 'a'))
  const texts = await Promise.all(names.map(name => readFile(join(path, 'a', name), 'utf8')))
  assert.ok(texts.join('').split('\n').length <= 2501, `${names.length} segments`)
})

test('many restarts with few lines each do not pile up files', async t => {
  const path = await directory(t)
  for (let n = 0; n < 20; n++) await open(path).append('a', [line(n)])
  assert.equal((await readdir(join(path, 'a'))).length, 1)
  assert.deepEqual(await open(path).query('a', ALL), range(0, 20))
})

test('a line torn by a kill is skipped and harms no later one', async t => {
  const path = await directory(t)
  await open(path).append('a', [line(1)])
  const [segment = ''] = await readdir(join(path, 'a'))
  await appendFile(join(path, 'a', segment), '2023-11-14T22:13:20.002000+00:00 app[web.1]: to')
  const store = open(path)
  await store.append('a', [line(3)])
  assert.deepEqual(await open(path).query('a', ALL), [line(1), line(3)])
})

test('a batch that is delivered again after a restart is stored once', async t => {
  const path = await directory(t)
  const batch = [line(1), line(2), line(2.001)]
  await open(path).append('a', batch)
  const store = open(path)
  await store.append('a', [...batch, line(3)])
  assert.deepEqual(await store.query('a', ALL), [...batch, line(3)])
})

test('a line of an earlier moment that was not there is kept', async t => {
  const store = open(await directory(t))
  await store.append('a', [line(5)])
  await store.append('a', [line(4, { dyno: 'router', source: 'heroku' })])
  assert.equal((await store.query('a', ALL)).length, 2)
})

test('line breaks inside a text cannot forge a line', async t => {
  const path = await directory(t)
  await open(path).append('a', [
    line(1, { text: 'a\n2023-11-14T22:13:20.002000+00:00 heroku[web.1]: forged' }),
  ])
  assert.equal((await open(path).query('a', ALL)).length, 1)
})

test('a tail begins with the newest lines and goes on without a gap', async t => {
  const store = open(await directory(t))
  await store.append('a', range(0, 10))
  const ended = new AbortController()
  const seen: LogLine[] = []
  let next = 10
  for await (const got of store.tail('a', { lines: 3, dyno: 'web' }, ended.signal)) {
    seen.push(got)
    if (seen.length === 6) ended.abort()
    else if (next < 13)
      await store.append('a', [line(next, { dyno: 'other.1', at: START + next + 0.5 }), line(next++)])
  }
  assert.deepEqual(seen, range(7, 13))
})

test('a reader that falls behind is told so, and memory stays bounded', async t => {
  const store = open(await directory(t))
  const ended = new AbortController()
  const tail = store.tail('a', { lines: 0 }, ended.signal)
  const first = tail.next()
  await store.append('a', [line(0)])
  assert.deepEqual((await first).value, line(0))
  for (let n = 1; n < 3001; n += 500) await store.append('a', range(n, n + 500))
  const seen: LogLine[] = []
  for await (const got of tail) {
    seen.push(got)
    if (got.text.startsWith('Error L11')) break
  }
  assert.equal(seen.length, 1001)
  assert.equal(seen.at(-1)?.text, 'Error L11 (Tail buffer overflow)')
})

test('removing an app’s log destroys it and ends its tails', async t => {
  const path = await directory(t)
  const store = open(path)
  await store.append('a', [line(1)])
  const tail = store.tail('a', ALL, AbortSignal.timeout(10_000))
  assert.deepEqual((await tail.next()).value, line(1))
  await store.remove('a')
  assert.equal((await tail.next()).done, true)
  assert.deepEqual(await readdir(path), [])
  // The last words of its dynos come after it was destroyed.
  await store.append('a', [line(2)])
  assert.deepEqual(await readdir(path), [])
  assert.deepEqual(await store.query('a', ALL), [])
})

test('many apps at once: each keeps its own lines', async t => {
  const store = open(await directory(t))
  const apps = Array.from({ length: 100 }, (_, index) => `app-${index}`)
  for (let round = 0; round < 3; round++)
    await Promise.all(apps.map((app, index) => store.append(app, [line(round, { text: `${index}` })])))
  for (const [index, app] of apps.entries()) {
    assert.deepEqual(
      (await store.query(app, ALL)).map(({ text }) => text),
      Array(3).fill(`${index}`),
    )
  }
})

test('an app id cannot lead out of the directory', async t => {
  const store = open(await directory(t))
  await assert.rejects(store.append('../x', [line(1)]), /letters, digits and dashes/)
})

test('many quiet apps are held in memory; talkative ones take their place', async t => {
  const path = await directory(t)
  const store = open(path)
  for (let app = 0; app < 100; app++) await store.append(`quiet-${app}`, [line(1)])
  // What is held is not read again.
  await rm(join(path, 'quiet-0'), { recursive: true })
  assert.deepEqual(await store.query('quiet-0', ALL), [line(1)])
  for (let app = 0; app < 32; app++) await store.append(`talkative-${app}`, range(0, 1500))
  assert.deepEqual(await store.query('quiet-0', ALL), [])
})
