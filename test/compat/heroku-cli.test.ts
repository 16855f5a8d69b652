import assert from 'node:assert/strict'
import { test } from 'node:test'
import { show } from '../transcripts/terminal.ts'
import { herokuWorld } from './heroku-world.ts'
import { Outbound } from './outbound.ts'
import { replay } from './replay.ts'

const { outbound, arrives } = await herokuWorld()
const jim = await arrives('jim@example.com')

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
