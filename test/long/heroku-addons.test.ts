import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { replayAddons } from '../compat/addons.ts'
import type { Person } from '../compat/person.ts'
import { RunningCommand } from '../compat/running-command.ts'
import { create } from '../support/addons.ts'
import { TestApp } from '../support/app.ts'
import { withoutRedis } from '../support/redis.ts'

if (withoutRedis === false) {
  const jim = await replayAddons(['addons', 'addon-changes'])
  test('what would be replaced is replaced once the name of the app is typed', () => asksFirst(jim))
} else describe('the official CLI works unmodified with add-ons', { skip: withoutRedis })

async function asksFirst({ platform, token, home }: Person): Promise<void> {
  const app = await TestApp.create(platform, 'nori', token)
  for (const name of ['salt', 'pepper']) await create(app, 'redis:mini', { name })
  const command = 'heroku addons:attach pepper --as REDIS --app nori'
  await using attach = new RunningCommand('script', ['-qec', command, '/dev/null'], home)
  await attach.says(/REDIS is the attachment of salt, and would be replaced\./)
  await attach.says(/--confirm nori/)
  attach.types('nori\r')
  await attach.says(/config vars and restarting .*nori.*done, v6/)
  assert.equal(await attach.end(), 0)
}
