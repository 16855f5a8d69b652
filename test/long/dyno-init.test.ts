import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noInit, SHELLS, stoppedOften } from '../support/dyno-init.ts'

const TIMES = 600
/** Within which half of the dynos are asked to stop, so that they are met at many places of their beginning: the others at once. */
const SPREAD = 200

suite('the first process of a dyno ends when it is asked to, each time', { skip: noInit }, () => {
  for (const shell of SHELLS)
    test(shell[0], async () => {
      const statuses = await stoppedOften(shell, TIMES, () => (Math.random() * 2 - 1) * SPREAD)
      assert.deepEqual(statuses, [143])
    })
})
