import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { workInTerminal } from '../compat/in-terminal.ts'
import { installHeroku } from '../compat/install.ts'
import { Outbound } from '../compat/outbound.ts'
import { makePerson, type Person } from '../compat/person.ts'
import { replay } from '../compat/replay.ts'
import { startPlatform } from '../support/platform.ts'

const heroku = await installHeroku()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const outbound = owned.use(await Outbound.listen())
const platform = owned.use(await startPlatform())

async function arrives(email: string): Promise<Person> {
  return owned.use(await makePerson(email, { platform, heroku, outbound: outbound.environment }))
}

const [stephan, joe] = [await arrives('stephan@example.com'), await arrives('joe@example.com')]

describe('the official CLI works unmodified', { concurrency: true }, () => {
  const topics = ['auth', 'apps', 'access', 'maintenance', 'buildpacks', 'undeployed', 'destroy']
  replay('with an app that has no code', stephan, topics)
  workInTerminal(joe)
})

test('nothing of all this called out', () => {
  assert.deepEqual(outbound.requests, [])
})
