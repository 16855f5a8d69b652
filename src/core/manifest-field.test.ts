import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldsOf, matching, optionalText, text, textsOf } from './manifest-field.ts'

const WORD = [/^[a-z]+$/, 'letters'] as const

describe('a field of a manifest', () => {
  it('is read', () => {
    assert.deepEqual(fieldsOf({ a: 1 }, 'api'), { a: 1 })
    assert.deepEqual(textsOf(['a', 'b'], 'list'), ['a', 'b'])
    assert.deepEqual(textsOf([], 'list'), [])
    assert.equal(text('a', 'name'), 'a')
    assert.equal(text('x'.repeat(1000), 'name'), 'x'.repeat(1000))
    assert.equal(matching('abc', 'name', WORD), 'abc')
  })

  for (const nothing of [undefined, null, '']) {
    it(`is not there when it is ${nothing === '' ? 'empty' : nothing}`, () => {
      assert.equal(optionalText(nothing, 'name'), undefined)
    })
  }

  for (const [what, read, sentence] of [
    ['no object', () => fieldsOf([], 'api'), /: api must be a JSON object\.$/],
    ['null for an object', () => fieldsOf(null, 'api'), /: api must be a JSON object\.$/],
    ['no field at all', () => fieldsOf(undefined, 'api'), /: api is missing; expected a JSON object\.$/],
    ['no list', () => textsOf('s3cret', 'list'), /: list must be a list of strings\.$/],
    ['no list at all', () => textsOf(undefined, 'list'), /: list is missing; expected a list of strings\.$/],
    ['a list of anything', () => textsOf(['a', 1], 'list'), /: list\[1\] must be a string\.$/],
    ['no text', () => text(['s3cret'], 'name'), /: name must be a string\.$/],
    ['no text at all', () => text(undefined, 'name'), /: name is missing; expected a string\.$/],
    ['an empty text', () => text('', 'name'), /: name is empty\.$/],
    ['an endless text', () => text('s3cret'.repeat(200), 'name'), /: name is longer than 1000 characters\.$/],
    ['two lines', () => text('s3cret\n', 'name'), /: name has a control character in it/],
    ['NUL', () => text('s3cret\0', 'name'), /: name has a control character in it/],
    ['another form', () => matching('a1', 'name', WORD), /: name is "a1"; expected letters\.$/],
  ] as const) {
    it(`is refused when it is ${what}`, () => {
      assert.throws(read, (error: Error & { id?: string }) => {
        assert.equal(error.id, 'invalid_params')
        assert.match(error.message, sentence)
        return !error.message.includes('s3cret')
      })
    })
  }
})
