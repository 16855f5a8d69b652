import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { create, turns } from '../support/addons.ts'
import { TestApp } from '../support/app.ts'
import { startPlatform } from '../support/platform.ts'
import { withoutRedis } from '../support/redis.ts'
import { installHeroku } from './install.ts'
import { Outbound } from './outbound.ts'
import { makePerson } from './person.ts'
import { replay } from './replay.ts'
import { RunningCommand } from './running-command.ts'

const heroku = await installHeroku()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const outbound = owned.use(await Outbound.listen())
const platform = owned.use(await startPlatform())
const jim = owned.use(
  await makePerson('jim@example.com', { platform, heroku, outbound: outbound.environment }),
)
// The first database takes as long as starting a server does, and the official CLI says so.
const first = await TestApp.create(platform, 'first')
await turns(first, await create(first, 'postgresql:essential-0'), 'provisioned')

describe('the official CLI works unmodified', { skip: withoutRedis, concurrency: false }, () => {
  replay('with add-ons', jim, ['addons', 'addon-changes'])
  test('what would be replaced is replaced once the name of the app is typed', asksFirst)
})

async function asksFirst(): Promise<void> {
  const app = await TestApp.create(platform, 'nori', jim.token)
  for (const name of ['salt', 'pepper']) await create(app, 'redis:mini', { name })
  const command = 'heroku addons:attach pepper --as REDIS --app nori'
  await using attach = new RunningCommand('script', ['-qec', command, '/dev/null'], jim.home)
  await attach.says(/REDIS is the attachment of salt, and would be replaced\./)
  await attach.says(/--confirm nori/)
  attach.types('nori\r')
  await attach.says(/config vars and restarting .*nori.*done, v6/)
  assert.equal(await attach.end(), 0)
}
