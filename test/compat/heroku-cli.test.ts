import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startPlatform } from '../support/platform.ts'
import { show } from '../transcripts/terminal.ts'
import { workInTerminal } from './in-terminal.ts'
import { installHeroku } from './install.ts'
import { Outbound } from './outbound.ts'
import { makePerson, type Person } from './person.ts'
import { replay } from './replay.ts'

const heroku = await installHeroku()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const outbound = owned.use(await Outbound.listen())
const platform = owned.use(await startPlatform())

async function arrives(email: string): Promise<Person> {
  return owned.use(await makePerson(email, { platform, heroku, outbound: outbound.environment }))
}

const [jim, stephan, joe] = [
  await arrives('jim@example.com'),
  await arrives('stephan@example.com'),
  await arrives('joe@example.com'),
]

describe('the official CLI works unmodified', { concurrency: true }, () => {
  replay('with a deployed app', jim, [
    'git-push',
    'config',
    'ps',
    'releases',
    'rollback',
    'run',
    'logs',
    'expired',
  ])
  const topics = ['auth', 'apps', 'access', 'maintenance', 'buildpacks', 'undeployed', 'destroy']
  replay('with an app that has no code', stephan, topics)
  workInTerminal(joe)
  test('without our variables it would call out, and that would be seen', seesCallsOut)
})

test('nothing of all this called out', () => {
  assert.deepEqual(outbound.requests, [])
})

async function seesCallsOut(): Promise<void> {
  await using watched = await Outbound.listen()
  const { HEROKU_PARTICLEBOARD_URL: _, ...env } = { ...jim.home.env, ...watched.environment }
  await show('heroku whoami', { cwd: jim.home.cwd, env })
  assert.match(watched.requests[0] ?? '', /^CONNECT particleboard\.heroku\.com:443 /)
}
