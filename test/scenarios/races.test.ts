import { test } from 'node:test'
import { race } from '../support/chaos/race.ts'

test('40 config changes, 4 pushes and 5 rollbacks at once: each is there once, none is mixed up', () =>
  race({ clients: 5, changes: 8, rollbacks: 1, pushes: 4 }))
