import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type ConfigPatch,
  checkPatch,
  describePatch,
  effective,
  MAX_CONFIG_BYTES,
  merge,
} from './config-vars.ts'

/** Legal names, among them those that every JavaScript object has from its prototype. */
const name = fc.constantFrom('A', 'B', 'C_1', '_d', 'constructor', 'toString', 'hasOwnProperty', 'valueOf')
const config = fc.dictionary(name, fc.string({ maxLength: 5 }), { noNullPrototype: true })
const patch = fc.dictionary(name, fc.option(fc.string({ maxLength: 5 })), { noNullPrototype: true })

describe('config vars', () => {
  for (const good of ['A', '_A', 'a1', 'DATABASE_URL', 'constructor', 'HEROKU', 'MY_HEROKU_X']) {
    it(`takes the name ${good}`, () => checkPatch({ [good]: 'x' }))
  }

  for (const [patch, sentence] of [
    [{ '1A': 'x' }, /"1A" is invalid/],
    [{ '': 'x' }, /"" is invalid/],
    [{ 'A-B': 'x' }, /"A-B" is invalid/],
    [{ 'A\n': 'x' }, /is invalid/],
    [{ __A: 'x' }, /__A is reserved/],
    [{ HEROKU_A: 'x' }, /HEROKU_A is reserved/],
    [{ TIDEMARK_A: null }, /TIDEMARK_A is reserved/],
    [{ A: 1 }, /A must be a string, or null/],
    [{ A: ['x'] }, /A must be a string, or null/],
    [{ A: 'x\0y' }, /A contains a NUL/],
  ] as const) {
    it(`refuses ${JSON.stringify(patch)}`, () => {
      assert.throws(() => checkPatch(patch), { name: 'UserError', id: 'invalid_params', message: sentence })
    })
  }

  it('never shows a value in a refusal', () => {
    assert.throws(
      () => checkPatch({ A: 'hunter2\0' }),
      (error: Error) => !error.message.includes('hunter2'),
    )
  })

  it('merges: set names have their value, removed ones are gone, the others are kept', () => {
    fc.assert(
      fc.property(config, patch, (before, change) => {
        const after = merge(before, change)
        const names = new Set([...Object.keys(before), ...Object.keys(change)])
        for (const each of names) {
          const wanted = Object.hasOwn(change, each) ? change[each] : before[each]
          assert.equal(Object.hasOwn(after, each) ? after[each] : null, wanted ?? null, each)
        }
        assert.deepEqual(Object.keys(after), Object.keys(after).toSorted())
      }),
    )
  })

  it('keeps of a patch exactly what changes something', () => {
    fc.assert(
      fc.property(config, patch, (before, change) => {
        const part = effective(before, change)
        assert.deepEqual(merge(before, part), merge(before, change))
        assert.deepEqual(effective(merge(before, change), change), {})
        for (const [each, value] of Object.entries(part)) {
          assert.notEqual(Object.hasOwn(before, each) ? before[each] : null, value)
        }
      }),
    )
  })

  it('holds 64 kB and not a byte more, counted as UTF-8', () => {
    const fits = 'é'.repeat((MAX_CONFIG_BYTES - 2) / 2)
    assert.equal(merge({}, { AB: fits }).AB, fits)
    assert.throws(() => merge({}, { ABC: fits }), {
      id: 'invalid_params',
      message: /65537 bytes.*65536 \(64 kB\)/,
    })
    assert.deepEqual(merge({ AB: fits }, { AB: null, C: '1' }), { C: '1' }, 'what is removed does not count')
  })

  for (const [patch, words] of [
    [{ A: '1' }, 'Config add A'],
    [{ B: '1', A: '' }, 'Config add A, B'],
    [{ A: null }, 'Config remove A'],
    [{ B: null, A: '1' }, 'Config add A, remove B'],
  ] satisfies [ConfigPatch, string][]) {
    it(`says ${JSON.stringify(words)}`, () => assert.equal(describePatch(patch), words))
  }
})
