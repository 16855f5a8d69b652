import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { byteCount, floorOf, mayBeOver, refusal, relief, shortage, spokenBytes, staleCaches } from './disk.ts'
import { days } from './time.ts'

const GB = 1_000_000_000
const cache = (appId: string, bytes: number, unusedFor: number, isInUse = false) => ({
  ...{ appId, bytes, unusedFor, isInUse },
})

describe('a size', () => {
  it('is read as people write it', () => {
    assert.equal(byteCount('50GB'), 50 * GB)
    assert.equal(byteCount('1.5 tb'), 1500 * GB)
    for (const bad of ['', '50', 'GB', '-1GB', '5 GiB', '1e3GB']) assert.equal(byteCount(bad), undefined)
  })

  it('is written as people read it', () => {
    assert.deepEqual([0, 1, 999_000, 1_500_000, 12.52 * GB, 2e12].map(spokenBytes), [
      ...['0 kB', '1 kB', '999 kB', '1.5 MB', '12.5 GB', '2.0 TB'],
    ])
    assert.deepEqual([999_001, 999_949_999, 999_950_000, 999_999_999_999].map(spokenBytes), [
      ...['1.0 MB', '999.9 MB', '1.0 GB', '1.0 TB'],
    ])
  })
})

describe('room on the disk', () => {
  it('is short below a floor: 1 GB, or 5 % of a small disk', () => {
    assert.equal(floorOf({ total: 100 * GB }), GB)
    assert.equal(floorOf({ total: 10 * GB }), GB / 2)
    assert.equal(shortage({ total: 10 * GB, free: 0.5 * GB, used: 9 * GB }, null), undefined)
    assert.deepEqual(shortage({ total: 10 * GB, free: 0.4 * GB, used: 9 * GB }, null), {
      bytes: GB / 10,
      why: "The platform's disk is nearly full: 400.0 MB of 10.0 GB are free, and builds need 500.0 MB",
    })
  })

  it('is short above the budget, where there is one', () => {
    const disk = { total: 100 * GB, free: 60 * GB, used: 5 * GB }
    assert.equal(shortage(disk, null), undefined)
    assert.equal(shortage(disk, 6 * GB), undefined)
    assert.deepEqual(shortage(disk, 4 * GB), {
      bytes: GB + 1,
      why: 'The platform takes 5.0 GB on disk, and its budget is 4.0 GB',
    })
  })

  it('has to be counted anew near the budget, and once the disk has lost as much as was left of it', () => {
    const counted = { used: 50 * GB, free: 30 * GB }
    const over = (budget: number, free: number) => mayBeOver(budget * GB, counted, free * GB)
    assert.deepEqual([over(60, 30), over(60, 40), over(51, 30), over(40, 30)], [false, false, true, true])
    assert.deepEqual([over(60, 22), over(60, 21)], [false, true])
  })

  it('is said with what to do', () => {
    assert.match(
      refusal('The disk is full'),
      /^The disk is full\. Nothing was built\.\n.*tidemark disk\n.*retention:set/,
    )
  })
})

describe('relief', () => {
  it('begins with the build caches that were not used for longest, and never takes one in use', () => {
    const caches = [
      cache('a', 10, 5),
      cache('b', 10, 9),
      cache('c', 10, 7),
      cache('d', 10, 99, true),
      cache('e', 0, 98),
    ]
    assert.deepEqual(relief(15, caches), { caches: ['b', 'c'], sweep: false })
    assert.deepEqual(relief(31, caches), { caches: ['b', 'c', 'a'], sweep: true })
    assert.deepEqual(relief(0, caches), { caches: [], sweep: false })
  })

  it('takes no cache more than it must', () => {
    const lists = fc.array(fc.record({ bytes: fc.nat(50), unusedFor: fc.nat(9), isInUse: fc.boolean() }))
    fc.assert(
      fc.property(lists, fc.nat(200), (list, bytes) => {
        const caches = list.map((each, index) => ({ ...each, appId: `${index}` }))
        const { caches: doomed, sweep } = relief(bytes, caches)
        const sizes = doomed.map(id => caches[Number(id)]?.bytes ?? 0)
        const sum = sizes.reduce((a, b) => a + b, 0)
        assert.equal(sweep, sum < bytes)
        assert.ok(sum - (sizes.at(-1) ?? 0) <= bytes)
        assert.ok(doomed.every(id => !caches[Number(id)]?.isInUse))
      }),
    )
  })

  it('drops a cache that was not used for 30 days in any case', () => {
    assert.deepEqual(
      staleCaches([cache('a', 1, days(30)), cache('b', 1, days(30) + 1), cache('c', 1, days(90), true)]),
      ['b'],
    )
  })
})
