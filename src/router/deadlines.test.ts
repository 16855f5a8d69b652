import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deadlines, type Timed } from './deadlines.ts'

test('what is due expires once forgotten no more, and the rest is left alone', {
  timeout: 5000,
}, async () => {
  const deadlines = new Deadlines(1)
  const expired: string[] = []
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const make = (name: string, deadline: number): Timed => {
    const entry: Timed = {
      deadline,
      slot: -1,
      expire: () => {
        expired.push(name)
        deadlines.forget(entry)
        if (expired.length === 3) resolve()
      },
    }
    deadlines.watch(entry)
    return entry
  }
  const entries = ['a', 'b', 'c', 'd'].map(name => make(name, 0))
  make('never', Number.POSITIVE_INFINITY)
  deadlines.forget(entries[1] as Timed)
  deadlines.forget(entries[1] as Timed)
  const alive = setInterval(() => {}, 1000)
  await done
  clearInterval(alive)
  assert.deepEqual(expired.sort(), ['a', 'c', 'd'])
})
