import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UserError } from '../core/errors.ts'
import { pageOf } from './list.ts'
import { nextRange, parseRange } from './range.ts'

const ATTRIBUTES = {
  version: 'integer',
  id: 'text',
  created_at: 'date',
  seq: 'integer',
  number: 'integer',
} as const
const all = { start: null, end: null }

test('the ranges that clients send', () => {
  for (const [header, expected] of [
    ['version ..; max=15, order=desc', { attribute: 'version', ...all, order: 'desc', max: 15 }],
    ['version ..; order=desc,max=1', { attribute: 'version', ...all, order: 'desc', max: 1 }],
    ['version ..; order=desc', { attribute: 'version', ...all, order: 'desc', max: 200 }],
    ['id ..; max=1000;', { attribute: 'id', ...all, order: 'asc', max: 1000 }],
    ['seq ..; order=desc,max=1000', { attribute: 'seq', ...all, order: 'desc', max: 1000 }],
    ['number ..; order=desc,max=1', { attribute: 'number', ...all, order: 'desc', max: 1 }],
    ['created_at ..; max=15, order=desc', { attribute: 'created_at', ...all, order: 'desc', max: 15 }],
    ['version ..', { attribute: 'version', ...all, order: 'asc', max: 200 }],
    ['', { attribute: 'version', ...all, order: 'asc', max: 200 }],
    ['  ', { attribute: 'version', ...all, order: 'asc', max: 200 }],
    ['version ..; max=5000', { attribute: 'version', ...all, order: 'asc', max: 1000 }],
  ] as const) {
    assert.deepEqual(parseRange(header, ATTRIBUTES), expected, header)
  }
  assert.equal(parseRange(undefined, ATTRIBUTES).attribute, 'version')
})

test('bounds, exclusive ones and dates', () => {
  const bounds = (header: string) => {
    const { start, end } = parseRange(header, ATTRIBUTES)
    return [start, end]
  }
  assert.deepEqual(bounds('version 3..9'), [
    { value: 3, isExclusive: false },
    { value: 9, isExclusive: false },
  ])
  assert.deepEqual(bounds('version ]3..9['), [
    { value: 3, isExclusive: true },
    { value: 9, isExclusive: true },
  ])
  assert.deepEqual(bounds('id ]a1b2..; max=200'), [{ value: 'a1b2', isExclusive: true }, null])
  assert.deepEqual(bounds('created_at 2012-01-01T13:00:00+01:00..'), [
    { value: '2012-01-01T12:00:00Z', isExclusive: false },
    null,
  ])
})

test('what cannot be read is refused with a sentence', () => {
  for (const header of [
    'version',
    'version ..; max=abc',
    'version ..; max=',
    'version ..; max=0',
    'version x..',
    'created_at yesterday..',
    'bytes=0-',
    'name ..',
    'version ..; color=red',
    'version 1..2..3',
    'VERSION ..',
  ]) {
    assert.throws(
      () => parseRange(header, ATTRIBUTES),
      (error: unknown) =>
        error instanceof UserError &&
        error.id === 'requested_range_not_satisfiable' &&
        error.message.length > 20,
      header,
    )
  }
})

test('following the next range gives everything within once, in order, and ends', () => {
  const range = fc.record({
    max: fc.integer({ min: 1, max: 7 }),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    from: fc.option(fc.nat(40), { nil: '' as const }),
    to: fc.option(fc.nat(40), { nil: '' as const }),
  })
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 40 }), range, (items, { max, order, from, to }) => {
      const found: number[] = []
      let header: string | null = `version ${from}..${to}; max=${max}, order=${order}`
      for (let pages = 0; header !== null; pages++) {
        assert.ok(pages <= items.length)
        const asked = parseRange(header, ATTRIBUTES)
        const page = pageOf(items, asked, item => item)
        found.push(...page.items)
        header = page.isTruncated ? nextRange(asked, page.items.at(-1) ?? 0) : null
      }
      const within = items.filter(item => (from === '' || item >= from) && (to === '' || item <= to))
      assert.deepEqual(
        found,
        within.toSorted((a, b) => (order === 'asc' ? a - b : b - a)),
      )
    }),
  )
})
