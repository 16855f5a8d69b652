import assert from 'node:assert/strict'
import { it } from 'node:test'
import { releaseArtifact } from '../../src/actions/release-artifact.ts'
import { rollback } from '../../src/actions/rollback.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

/** One change, one release, in order, and none of them lost. */
export function queueContract(under: LedgerUnderTest): void {
  it('keeps 100 concurrent config changes of one app: versions without a gap, every var there', async () => {
    await using scene = await Scene.open(under)
    const names = Array.from({ length: 100 }, (_, index) => `VAR_${index}`)
    await Promise.all(names.map(name => scene.set({ [name]: 'x' })))
    const releases = await scene.releases()
    assert.deepEqual(
      releases.map(each => each.version),
      Array.from({ length: 101 }, (_, index) => index + 1),
    )
    const newest = await scene.release(101)
    assert.deepEqual(Object.keys(await scene.config(newest)).toSorted(), names.toSorted())
    assert.deepEqual(
      releases.filter(each => each.current).map(each => each.version),
      [101],
    )
    assert.ok(
      releases.every((each, index) => each.createdAt >= (releases[index - 1]?.createdAt ?? 0)),
      'in order of time',
    )
  })

  it('begins with v1, and a change that changes nothing makes no release', async () => {
    await using scene = await Scene.open(under)
    assert.equal((await scene.release(1)).description, 'Initial release')
    assert.equal((await scene.set({ A: '1' })).version, 2)
    assert.equal((await scene.set({ A: '1', B: null })).version, 2)
    assert.equal((await scene.set({ toString: null })).version, 2)
  })

  it('rolls out one release at a time; later ones wait, and what was set is readable at once', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    const [first, second] = [await scene.set({ A: '1' }), await scene.set({ B: '2' })]
    assert.deepEqual([first.turnAt === null, second.turnAt === null], [false, true])
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.id, first.id)
    assert.equal((await scene.ledger.read.releases.current(scene.appId))?.version, 2)
    const head = await scene.ledger.read.releases.head(scene.appId)
    assert.ok(head)
    assert.deepEqual(await scene.config(head), { A: '1', B: '2' })
    await scene.succeed(first)
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.id, second.id)
    await scene.succeed(await scene.release(4))
    assert.deepEqual((await scene.releases()).map(each => [each.status, each.current]).at(-1), [
      'succeeded',
      true,
    ])
  })

  it('computes a waiting release anew on the head of its turn: a failed change is not carried along', async () => {
    await using scene = await Scene.open(under)
    const before = await scene.deployed()
    const failing = await scene.deploy({ web: 'broken' })
    await scene.set({ B: '2' })
    await scene.fail(failing)
    const waited = await scene.release(4)
    assert.equal(waited.artifactId, before.artifactId)
    assert.notEqual(waited.turnAt, null)
    assert.deepEqual(await scene.config(waited), { B: '2' })
    assert.equal((await scene.release(2)).current, true)
  })

  it('keeps all of a waiting change, also the part that a failed release had brought already', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    const failing = await scene.set({ A: '1' })
    await scene.set({ A: '1', B: '2' })
    await scene.fail(failing)
    const waited = await scene.release(4)
    assert.deepEqual(await scene.config(waited), { A: '1', B: '2' })
    assert.equal(waited.description, 'Config add A, B')
  })

  it('takes a failed change out of everything that waits, so that it can be made again at once', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    const failing = await scene.set({ B: '1' })
    const next = await scene.set({ A: '1' })
    await scene.set({ C: '1' })
    await scene.fail(failing)
    assert.deepEqual(await scene.config(await scene.release(5)), { A: '1', C: '1' })
    const again = await scene.set({ B: '1' })
    assert.equal(again.version, 6, 'what failed is not taken for what is there')
    for (const version of [next.version, 5, 6]) await scene.succeed(await scene.release(version))
    assert.deepEqual(await scene.config(await scene.release(6)), { A: '1', B: '1', C: '1' })
  })

  it('fails a waiting change that no longer fits on the new head, and goes on with the next', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ BIG: 'x'.repeat(40_000) })
    await scene.deployed()
    const failing = await scene.set({ BIG: null })
    await scene.set({ OTHER: 'x'.repeat(40_000) })
    await scene.set({ LAST: '1' })
    await scene.fail(failing)
    const [misfit, last] = [await scene.release(5), await scene.release(6)]
    assert.equal(misfit.status, 'failed')
    assert.match(misfit.reason ?? '', /65536/)
    assert.deepEqual(Object.keys(await scene.config(last)).toSorted(), ['BIG', 'LAST'])
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.version, 6)
  })

  it('lets what has nothing to run succeed on the spot, one after the other', async () => {
    await using scene = await Scene.open(under)
    const deploy = await scene.deploy()
    await scene.set({ A: '1' })
    await scene.set({ B: '2' })
    await scene.fail(deploy)
    const after = (await scene.releases()).map(each => [each.version, each.status, each.current])
    assert.deepEqual(after.slice(1), [
      [2, 'failed', false],
      [3, 'succeeded', false],
      [4, 'succeeded', true],
    ])
  })

  it('rolls back to a copy of artifact and config, ahead of everything that waits', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ A: '1' })
    const target = await scene.deployed()
    await scene.succeed(await scene.set({ A: '2' }))
    const rolling = await scene.deploy({ web: 'new' })
    const waiting = await scene.set({ C: '3' })
    const back = await rollback(scene.ledger, scene.by, scene.appId, { releaseId: target.id })
    assert.deepEqual([back.version, back.description], [7, 'Rollback to v3'])
    assert.equal(back.artifactId, target.artifactId)
    assert.equal(back.configId, target.configId)
    for (const superseded of [rolling, waiting]) {
      const { status, reason } = await scene.release(superseded.version)
      assert.deepEqual([status, reason], ['failed', 'superseded by rollback v7'])
    }
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.id, back.id)
    assert.equal((await scene.succeed(rolling)).status, 'failed', 'a late report changes nothing')
    assert.equal((await scene.succeed(back)).current, true)
  })

  it('refuses a rollback to what cannot run, with the reason', async () => {
    await using scene = await Scene.open(under)
    const failed = await scene.fail(await scene.deploy())
    const attempt = (releaseId: string) => rollback(scene.ledger, scene.by, scene.appId, { releaseId })
    await assert.rejects(attempt(failed.id), {
      id: 'invalid_params',
      message: /^Cannot roll back to v2\. Release v2 failed/,
    })
    await assert.rejects(attempt((await scene.release(1)).id), /Release v1 has no artifact/)
    await assert.rejects(attempt('none'), { id: 'not_found' })
    assert.equal((await scene.releases()).length, 2)
  })

  it('makes one release of a request that arrives twice', async () => {
    await using scene = await Scene.open(under)
    const target = await scene.deployed()
    const [one, same] = await Promise.all([scene.set({ A: '1' }, 'q1'), scene.set({ A: '1' }, 'q1')])
    assert.equal(one.id, same.id)
    await scene.set({ A: '2' })
    assert.equal((await scene.set({ A: '1' }, 'q1')).id, one.id, 'also when another change came in between')
    assert.equal((await scene.releases()).length, 4)

    const back = { releaseId: target.id, requestId: 'q2' }
    const [first, again] = await Promise.all([
      rollback(scene.ledger, scene.by, scene.appId, back),
      rollback(scene.ledger, scene.by, scene.appId, back),
    ])
    assert.equal(first.id, again.id)
    const artifact = { artifactId: target.artifactId, description: 'by hand', requestId: 'q3' }
    const released = await releaseArtifact(scene.ledger, scene.by, scene.appId, artifact)
    assert.equal((await releaseArtifact(scene.ledger, scene.by, scene.appId, artifact)).id, released.id)
    assert.equal((await scene.releases()).length, 6)
  })

  it('retries what failed under a name of its own', async () => {
    await using scene = await Scene.open(under)
    const failed = await scene.fail(await scene.deploy(undefined, 'v1.2'))
    const request = { artifactId: failed.artifactId, description: 'Retry of v2: Deploy v1.2' }
    const retry = await releaseArtifact(scene.ledger, scene.by, scene.appId, request)
    assert.deepEqual(
      [retry.description, retry.kind, retry.artifactId],
      ['Retry of v2: Deploy v1.2', 'retry', failed.artifactId],
    )
  })
}
