import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noInit, SHELLS, stoppedOften } from '../support/dyno-init.ts'

/** Of twenty, none may show what is wrong. */
const TIMES = 100

suite('the first process of a dyno hears that it is asked to stop as soon as it says so', {
  skip: noInit,
}, () => {
  for (const shell of SHELLS)
    test(shell[0], async () => assert.deepEqual(await stoppedOften(shell, TIMES, () => 0), [143]))
})
