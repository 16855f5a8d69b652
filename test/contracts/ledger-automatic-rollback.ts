import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rollBackAutomatically } from '../../src/actions/roll-back-automatically.ts'
import { rollback } from '../../src/actions/rollback.ts'
import type { Release } from '../../src/core/release.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const why = 'crashed 3 times (the limit is 3)'

/** A rollback that nobody asked for: once, with its reason, and never over somebody's head. */
export function automaticRollbackContract(under: LedgerUnderTest): void {
  const goBack = ({ ledger, appId }: Scene, from: Release) =>
    rollBackAutomatically(ledger, appId, { from: from.id, why })

  it('copy the release before, by the platform itself, and both releases say why, for good', async () => {
    await using scene = await Scene.open(under)
    const good = await scene.deployed()
    const bad = await scene.deployed()
    const made = await goBack(scene, bad)
    assert.ok(made)
    const back = await scene.succeed(made)
    assert.deepEqual(
      [back.description, back.account.email, back.artifactId, back.reason],
      [`Rollback to v${good.version}`, 'platform@tidemark', good.artifactId, `v${bad.version} ${why}`],
    )
    const { status, reason } = await scene.release(bad.version)
    assert.deepEqual(
      [status, reason],
      ['succeeded', `rolled back automatically by v${back.version}: it ${why}`],
    )
  })

  it('happen never twice in a row, whether the first came up or not', async () => {
    for (const end of ['succeed', 'fail'] as const) {
      await using scene = await Scene.open(under)
      await scene.deployed()
      const bad = await scene.deployed()
      const made = await goBack(scene, bad)
      assert.ok(made)
      const ended = await scene[end](made)
      assert.equal(await goBack(scene, end === 'succeed' ? ended : bad), undefined)
    }
  })

  it('are left to the person who changes something meanwhile, or has changed it', async () => {
    await using scene = await Scene.open(under)
    const good = await scene.deployed()
    const bad = await scene.deployed()
    const cure = await scene.deploy()
    assert.equal(await goBack(scene, bad), undefined)
    const cured = await scene.succeed(cure)
    assert.equal(await goBack(scene, bad), undefined)
    const byHand = await rollback(scene.ledger, scene.by, scene.appId, { releaseId: good.id })
    await scene.succeed(byHand)
    assert.equal(await goBack(scene, cured), undefined)
  })

  it('need a release before that can run', async () => {
    await using scene = await Scene.open(under)
    assert.equal(await goBack(scene, await scene.deployed()), undefined)
  })
}
