import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { haiku, nameFault } from './app.ts'

describe('app name', () => {
  for (const name of ['abc', 'a-1', 'sushi-2', `a${'b'.repeat(29)}`]) {
    it(`${name} is good`, () => assert.equal(nameFault(name), undefined))
  }

  for (const name of ['', 'ab', '1ab', 'ab-', '-ab', 'Abc', 'a_b', 'a.b', 'abc\n', `a${'b'.repeat(30)}`]) {
    it(`${JSON.stringify(name)} is refused`, () =>
      assert.match(nameFault(name) ?? '', /^Name must start with a letter/))
  }

  it('of the platform itself is reserved', () =>
    assert.match(nameFault('api') ?? '', /^Name api is reserved/))

  it('is always good when it was made up', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), numbers => {
        const name = haiku(below => Number(numbers.next().value) % below)
        assert.equal(nameFault(name), undefined, name)
      }),
    )
  })
})
