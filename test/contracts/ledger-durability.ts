import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type LedgerUnderTest, openLedger, raw } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const PROGRAM = fileURLToPath(new URL('ledger-process.fixture.ts', import.meta.url))
const LIMIT = 30_000

/** What was accepted is there: after a restart, after a kill, and with others at work. */
export function durabilityContract(under: LedgerUnderTest): void {
  it('is all there when it is opened again, as often as one likes', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ A: '1' })
    await scene.deploy()
    await scene.set({ B: '2' })
    const before = await scene.releases()
    await scene.ledger.close()
    for (let times = 0; times < 2; times++) {
      await using again = await openLedger(scene.place)
      assert.deepEqual(await again.read.releases.list(scene.appId, { order: 'asc', limit: 10 }), before)
      const head = await again.read.releases.head(scene.appId)
      assert.deepEqual(await again.read.configs.load(head?.configId ?? ''), { A: '1', B: '2' })
    }
  })

  it('keeps what was committed, and nothing of the transaction in which a process was killed', async () => {
    await using scene = await Scene.open(under)
    const child = start('die', scene.place, scene.appId, scene.by.id)
    try {
      assert.equal(await line(child), 'inside')
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const release = await scene.set({ AFTER: '1' })
    assert.equal(release.version, 3, 'v2 was committed by the process, v3 was not')
    assert.deepEqual(await scene.config(release), { AFTER: '1', COMMITTED: '1' })
    const events = await scene.ledger.read.events.since(0, 100)
    const appended = events
      .filter(event => event.kind === 'release:create')
      .map(event => event.data.description)
    assert.deepEqual(appended, ['Initial release', 'Config add COMMITTED', 'Config add AFTER'])
  })

  it('loses nothing when several processes change one app at once', async () => {
    await using scene = await Scene.open(under)
    const children = ['ONE', 'TWO'].map(name =>
      start('set', scene.place, scene.appId, scene.by.id, name, '25'),
    )
    assert.deepEqual(await Promise.all(children.map(ended)), [0, 0])
    const releases = await scene.releases()
    assert.deepEqual(
      releases.map(each => each.version),
      Array.from({ length: 51 }, (_, index) => index + 1),
    )
    assert.equal(Object.keys(await scene.config(await scene.release(51))).length, 50)
  })

  it('can be opened for the first time by several processes at once', async () => {
    const place = await under.newPlace()
    const children = Array.from({ length: 3 }, () => start('open', place))
    assert.deepEqual(await Promise.all(children.map(ended)), [0, 0, 0])
    const applied = await raw(place, 'select number from schema_migrations order by number')
    assert.deepEqual(
      applied.map(row => row.number),
      applied.map((_, index) => index + 1),
    )
  })

  it('refuses a database of a newer version, and leaves it as it was', async () => {
    await using scene = await Scene.open(under)
    await scene.ledger.close()
    const before = await raw(scene.place, 'select number from schema_migrations')
    await raw(scene.place, 'insert into schema_migrations (number, applied_at) values (99, 1)')
    await assert.rejects(
      openLedger(scene.place),
      /^Error: The database has schema 99, and this version of Tidemark knows schemas up to \d+\. Start the newer version/,
    )
    assert.equal((await raw(scene.place, 'select number from schema_migrations')).length, before.length + 1)
  })
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  })
}

async function ended(child: ChildProcess): Promise<unknown> {
  const [status] = await once(child, 'exit')
  return status
}

/** The first line a program prints. */
async function line(child: ChildProcess): Promise<string> {
  const output = child.stdout
  assert.ok(output)
  for await (const text of output.setEncoding('utf8')) return String(text).trim()
  return ''
}
