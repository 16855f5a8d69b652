import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { findMembers, identify, killMembers, type ProcessIdentity } from './processes.ts'

/** A session of two processes that says when both are there. */
async function session(t: TestContext): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo there; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  const identity = identify(child.pid as number)
  assert.ok(identity)
  t.after(() => killMembers(identity))
  return { child, identity }
}

test('all processes of a session are members, and can be killed', async t => {
  const { child, identity } = await session(t)
  assert.equal(findMembers(identity).length, 2)
  const exited = once(child, 'exit')
  assert.equal(killMembers(identity), false)
  await exited
  while (!killMembers(identity)) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(findMembers(identity), [])
})

test('a number that names another process now has no members', async t => {
  const { identity } = await session(t)
  assert.deepEqual(findMembers({ ...identity, startTime: identity.startTime - 1 }), [])
  assert.deepEqual(findMembers({ ...identity, bootId: 'another boot' }), [])
})

test('a process in the machine’s own mount namespace is not known by it', () => {
  assert.equal(identify(process.pid)?.namespace, null)
})

test('there is no identity without a process', () => assert.equal(identify(2 ** 30), undefined))
