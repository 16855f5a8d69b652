import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformClient } from '../../src/client/platform-client.ts'
import { deploy, startPlatform } from './api-support.ts'

test('a release is found however many failed after it, and no page is read beyond', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'shop' } })
  await deploy(platform, owner, app)
  for (let version = 3; version <= 203; version++) await deploy(platform, owner, app, { outcome: 'failed' })
  const { releases } = new PlatformClient({ url: platform.url, token: owner.token })
  assert.equal((await releases.find('shop', ({ current }) => current))?.version, 2)
  const seen: number[] = []
  await releases.find('shop', ({ version }) => seen.push(version) > 0)
  assert.deepEqual(seen, [203])
  assert.equal(await releases.find('shop', ({ status }) => status === 'pending'), undefined)
})
