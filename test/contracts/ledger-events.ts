import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { LedgerEvent } from '../../src/ledger/events.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

/** What happened is told after it happened, in order, and never when it did not. */
export function eventsContract(under: LedgerUnderTest): void {
  it('are told in the order they are stored, also when many act at once', async () => {
    await using scene = await Scene.open(under)
    const told: LedgerEvent[] = []
    const from = (await scene.ledger.read.events.since(0, 100)).at(-1)?.seq ?? 0
    scene.ledger.onCommit(events => told.push(...events))
    await Promise.all(Array.from({ length: 30 }, (_, index) => scene.set({ [`VAR_${index}`]: 'x' })))
    const stored = await scene.ledger.read.events.since(from, 1000)
    assert.deepEqual(told, stored)
    assert.deepEqual(
      told.map(event => event.seq),
      told.map(event => event.seq).toSorted((a, b) => a - b),
    )
    const versions = told.filter(event => event.kind === 'release:create').map(event => event.data.version)
    assert.deepEqual(
      versions,
      Array.from({ length: 30 }, (_, index) => index + 2),
    )
  })

  it('are told only once others can see what happened', async () => {
    await using scene = await Scene.open(under)
    const seen: Promise<string | undefined>[] = []
    scene.ledger.onCommit(() => {
      seen.push(scene.ledger.read.releases.head(scene.appId).then(head => head?.description))
    })
    await scene.set({ A: '1' })
    assert.deepEqual(await Promise.all(seen), ['Config add A'])
  })

  it('are neither told nor stored when the transaction is rolled back', async () => {
    await using scene = await Scene.open(under)
    let told = 0
    scene.ledger.onCommit(() => told++)
    const before = await scene.ledger.read.events.since(0, 100)
    const broken = scene.ledger.transact(scene.appId, async tx => {
      tx.emit(scene.appId, 'app:update', { id: scene.appId })
      throw new Error('broken')
    })
    await assert.rejects(broken, /broken/)
    assert.equal(told, 0)
    assert.deepEqual(await scene.ledger.read.events.since(0, 100), before)
    await scene.set({ A: '1' })
    assert.equal(told, 1)
  })

  it('are no longer told to who has stopped listening', async () => {
    await using scene = await Scene.open(under)
    let told = 0
    const stop = scene.ledger.onCommit(() => told++)
    await scene.set({ A: '1' })
    stop()
    await scene.set({ A: '2' })
    assert.equal(told, 1)
  })

  it('whose listener breaks are told to the others, and the action has happened', async () => {
    await using scene = await Scene.open(under)
    const faults: unknown[] = []
    let told = 0
    scene.ledger.onCommit(() => {
      throw new Error('a broken listener')
    })
    scene.ledger.onCommit(() => told++)
    process.setUncaughtExceptionCaptureCallback(fault => faults.push(fault))
    try {
      assert.equal((await scene.set({ A: '1' })).version, 2)
      await new Promise(setImmediate)
    } finally {
      process.setUncaughtExceptionCaptureCallback(null)
    }
    assert.equal(told, 1)
    assert.deepEqual(faults.map(String), ['Error: a broken listener'], 'and nobody hides the fault')
  })

  it('carry no config value', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ A: 'hunter2-value' })
    const text = JSON.stringify(await scene.ledger.read.events.since(0, 100))
    assert.ok(!text.includes('hunter2-value'))
    assert.ok(text.includes('Config add A'))
  })
}
