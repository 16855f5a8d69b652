import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conflict, invalid, notFound, UserError } from './errors.ts'

describe('errors', () => {
  it('say the same of what is not there and of what may not be seen', () => {
    const error = notFound('process_type')
    assert.equal(error.message, "Couldn't find that process-type.")
    assert.deepEqual([error.id, error.detail], ['not_found', { resource: 'process_type' }])
  })

  it('carry the ids that clients know', () => {
    assert.equal(invalid('x').id, 'invalid_params')
    assert.equal(conflict('x').id, 'conflict')
    assert.ok(invalid('x') instanceof UserError)
    assert.ok(invalid('x') instanceof Error)
  })
})
