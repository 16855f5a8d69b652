import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Watch } from './watch.ts'

test('what was lost is tried until it holds; the trouble is told once', async () => {
  const held = Promise.withResolvers<void>()
  const told: string[] = []
  let tries = 0
  const watch = new Watch(
    async () => {
      tries++
      if (tries < 3) throw new Error(`try ${tries}`)
      held.resolve()
    },
    error => told.push(error.message),
  )
  // Its pauses keep no process alive; something else has to.
  const awake = setInterval(() => {}, 1000)
  watch.lost()
  watch.lost()
  await held.promise
  clearInterval(awake)
  assert.equal(tries, 3)
  assert.deepEqual(told, ['try 1'])
})

test('what is no longer watched stays lost', async () => {
  let tries = 0
  const watch = new Watch(
    async () => void tries++,
    () => {},
  )
  watch.close()
  watch.lost()
  assert.equal(tries, 0)
})
