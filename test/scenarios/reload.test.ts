import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { call, TestApp, Traffic } from '../support/app.ts'
import { assertUndisturbed } from '../support/chaos/undisturbed.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform } from '../support/platform.ts'
import { type CommandResult, run, TestRepository } from '../support/repository.ts'

function reload(dataDirectory: string): Promise<CommandResult> {
  const cli = join(ROOT, 'bin', 'tidemark.js')
  return run(process.execPath, [cli, 'server:reload', '--data-dir', dataDirectory])
}

test('server:reload puts a new control plane in place, and no app notices', async () => {
  await using platform = await startPlatform({ environment: { TIDEMARK_SHUTDOWN_GRACE: '2' } })
  await using repository = await TestRepository.of('witness')
  const app = await TestApp.create(platform, 'reloaded')
  const pushed = await repository.push(platform, app.name)
  assert.equal(pushed.status, 0, pushed.stderr)
  await app.call('PATCH', '/formation', { updates: [{ type: 'clock', quantity: 1 }] })
  const dynos = await eventually('both dynos', async () => {
    const up = (await app.dynos()).filter(({ state }) => state === 'up')
    return up.length === 2 ? up.map(({ id }) => id).sort() : undefined
  })
  await using traffic = new Traffic(app, 8)
  for (let round = 0; round < 3; round++) {
    const { status, stderr } = await reload(platform.dataDir)
    assert.equal(status, 0, stderr)
    assert.equal(stderr, 'Reloading the server... done\n')
    // It answers at once, as it did before.
    assert.equal((await call(platform, { path: '/account' })).status, 200)
    await traffic.more(100)
  }
  assert.deepEqual(traffic.failures, [])
  assert.deepEqual((await app.dynos()).map(({ id }) => id).sort(), dynos)
  await assertUndisturbed(app)
  await app.setConfig({ KEY_after: '1' })
  await app.becomes(3, 'succeeded')
})

test('server:reload says so where no server runs', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-nobody-'))
  t.after(() => rm(directory, { recursive: true }))
  const { status, stderr } = await reload(directory)
  assert.equal(status, 2)
  assert.equal(stderr, ` !    No server runs on ${directory}. Start one with: tidemark server\n`)
})
