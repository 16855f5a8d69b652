import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UserError } from '../core/errors.ts'
import { readable } from './violations.ts'

describe('a violation of a database rule', () => {
  for (const [title, error, sentence] of [
    ['of SQLite', new Error('UNIQUE constraint failed: apps.name'), /^Name is already taken/],
    [
      'of PostgreSQL',
      Object.assign(new Error('duplicate key value violates unique constraint'), {
        constraint: 'one_app_of_a_name',
      }),
      /^Name is already taken/,
    ],
    [
      'that a text has no NUL',
      new Error('invalid byte sequence for encoding "UTF8": 0x00'),
      /^A text contains a NUL character/,
    ],
    [
      'of two who act at once',
      new Error('UNIQUE constraint failed: releases.app_id, releases.version'),
      /^Somebody else changed/,
    ],
  ] as const) {
    it(`${title} becomes a sentence`, () => {
      const said = readable(error)
      assert.ok(said instanceof UserError)
      assert.match(said.message, sentence)
    })
  }

  it('leaves every other error as it is', () => {
    for (const error of [new Error('disk full'), new UserError('conflict', 'x'), 'text', null]) {
      assert.equal(readable(error), error)
    }
  })
})
