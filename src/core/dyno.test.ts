import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dynoName } from './dyno.ts'

it('names a dyno by its type and number', () => assert.equal(dynoName('web', 1), 'web.1'))
