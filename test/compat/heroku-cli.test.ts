import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPlatform } from '../support/platform.ts'
import { show } from '../transcripts/terminal.ts'
import { installHeroku } from './install.ts'
import { Outbound } from './outbound.ts'
import { makePerson } from './person.ts'
import { replay } from './replay.ts'

const heroku = await installHeroku()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const outbound = owned.use(await Outbound.listen())
const platform = owned.use(await startPlatform())
const jim = owned.use(
  await makePerson('jim@example.com', { platform, heroku, outbound: outbound.environment }),
)

const topics = ['git-push', 'config', 'ps', 'releases', 'rollback', 'run', 'logs', 'expired']
replay('the official CLI works unmodified with a deployed app', jim, topics)

test('nothing of all this called out', () => {
  assert.deepEqual(outbound.requests, [])
})

test('without our variables it would call out, and that would be seen', async () => {
  await using watched = await Outbound.listen()
  const { HEROKU_PARTICLEBOARD_URL: _, ...env } = { ...jim.home.env, ...watched.environment }
  await show('heroku whoami', { cwd: jim.home.cwd, env })
  assert.match(watched.requests[0] ?? '', /^CONNECT particleboard\.heroku\.com:443 /)
})
