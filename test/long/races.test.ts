import { test } from 'node:test'
import { race } from '../support/chaos/race.ts'

test('200 config changes, 20 pushes and 20 rollbacks at once: each is there once, none is mixed up', () =>
  race({ clients: 10, changes: 20, rollbacks: 2, pushes: 20 }))
