import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Announcer } from './announcer.ts'
import type { LedgerEvent } from './events.ts'

const event = (seq: number): LedgerEvent => ({ seq, appId: null, kind: 'app:update', data: {}, at: seq })

function listened(): { announcer: Announcer; told: number[] } {
  const announcer = new Announcer()
  const told: number[] = []
  announcer.listen(events => told.push(...events.map(each => each.seq)))
  return { announcer, told }
}

describe('announcer', () => {
  it('tells in the order of numbers, also when the later transaction hears of its commit first', () => {
    const { announcer, told } = listened()
    using first = announcer.open()
    using second = announcer.open()
    first.prepare([event(1), event(2)])
    second.prepare([event(3)])
    second.commit()
    assert.deepEqual(told, [])
    first.commit()
    assert.deepEqual(told, [1, 2, 3])
  })

  it('never tells what was rolled back, and holds nobody up by it', () => {
    const { announcer, told } = listened()
    const first = announcer.open()
    using second = announcer.open()
    first.prepare([event(1)])
    second.prepare([event(2)])
    second.commit()
    first[Symbol.dispose]()
    assert.deepEqual(told, [2])
  })

  it('is not held up by a transaction that never came to have events', () => {
    const { announcer, told } = listened()
    using _idle = announcer.open()
    using other = announcer.open()
    other.prepare([event(1)])
    other.commit()
    assert.deepEqual(told, [1])
  })
})
