import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { TestApp } from '../support/app.ts'
import { startPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

/** Nobody in particular; where the tests run as an ordinary user already, that one. */
const USER = process.getuid?.() === 0 ? { user: { uid: 65_533, gid: 65_533 } } : {}

test('an ordinary user runs the platform: a deploy, a rollback, and a stop that leaves nothing', async () => {
  await using platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2', HOME: '/nonexistent' },
    ...USER,
  })
  const app = await TestApp.create(platform, 'ordinary')
  await using repository = await TestRepository.of('moody')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  await app.setConfig({ GREETING: 'hello' })
  await app.becomes(3, 'succeeded')
  await app.call('POST', '/releases', { release: await app.releaseId(2) })
  await app.becomes(4, 'succeeded')
  const { pid, release, greeting } = await app.self()
  assert.deepEqual([release, greeting], ['v4', undefined])
  assert.equal((await stat(`/proc/${platform.pid}`)).uid, (await stat(platform.dataDir)).uid)
  await app.visit('/write')
  assert.equal((await app.visit('/read')).text, 'web.1')
  assert.equal(await platform.stop(), 0, platform.output())
  await assert.rejects(stat(`/proc/${pid}/cwd`), { code: 'ENOENT' })
})
