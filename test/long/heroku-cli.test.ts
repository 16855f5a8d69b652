import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { herokuWorld } from '../compat/heroku-world.ts'
import { workInTerminal } from '../compat/in-terminal.ts'
import { replay } from '../compat/replay.ts'

const { outbound, arrives } = await herokuWorld()
const [stephan, joe] = [await arrives('stephan@example.com'), await arrives('joe@example.com')]

describe('the official CLI works unmodified', { concurrency: true }, () => {
  const topics = ['auth', 'apps', 'access', 'maintenance', 'buildpacks', 'undeployed', 'destroy']
  replay('with an app that has no code', stephan, topics)
  workInTerminal(joe)
})

test('nothing of all this called out', () => {
  assert.deepEqual(outbound.requests, [])
})
