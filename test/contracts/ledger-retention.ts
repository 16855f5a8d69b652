import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createApp } from '../../src/actions/create-app.ts'
import { type Expired, expireReleases } from '../../src/actions/expire-releases.ts'
import { pinRelease, unpinRelease } from '../../src/actions/pin-release.ts'
import { previewRetention } from '../../src/actions/preview-retention.ts'
import type { RetentionContext } from '../../src/actions/retention-scene.ts'
import { rollback } from '../../src/actions/rollback.ts'
import { runDyno } from '../../src/actions/run-dyno.ts'
import { setRetention } from '../../src/actions/set-retention.ts'
import { updateApp } from '../../src/actions/update-app.ts'
import { DEFAULT_RETENTION, type RetentionPolicy } from '../../src/core/retention.ts'
import { days } from '../../src/core/time.ts'
import { type LedgerUnderTest, raw } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const NOW = Date.UTC(2026, 0, 2)
const PAGE = { after: '', limit: 100 }
const ROUNDS = 25

function context(
  policy: Partial<RetentionPolicy>,
  changes: Partial<RetentionContext> = {},
): RetentionContext {
  const shared = { settings: {}, now: NOW, ageCounts: true }
  return { policy: { ...DEFAULT_RETENTION, ...policy }, ...shared, ...changes }
}

function sweep({ ledger, appId }: Scene, around: RetentionContext): Promise<Expired> {
  return expireReleases(ledger, appId, { after: '', ...around })
}

/** `v3 expired`, oldest first. */
async function history(scene: Scene): Promise<string[]> {
  return (await scene.releases()).map(({ version, status }) => `v${version} ${status}`)
}

/** How long artifacts live: as long as the releases that use them, and never shorter. */
export function retentionContract(under: LedgerUnderTest): void {
  it('expires releases and their artifact together, for good, with the reason that a rollback is refused with', async () => {
    await using scene = await Scene.open(under)
    const old = await scene.deployed()
    const same = await scene.set({ A: '1' })
    await scene.succeed(same)
    await scene.deployed()
    const before = await previewRetention(scene.ledger, scene.appId, context({ releases: 2 }))
    assert.deepEqual(
      (await sweep(scene, context({ releases: 2 }))).releases,
      [],
      'v3 keeps the artifact of v2',
    )
    assert.match(
      before.verdicts.at(-2)?.why ?? '',
      /^shares its artifact with v3, which is among the newest 2/,
    )

    const preview = await previewRetention(scene.ledger, scene.appId, context({ releases: 1 }))
    const done = await sweep(scene, context({ releases: 1 }))
    assert.deepEqual(done, { releases: [old.id, same.id], artifacts: 1, next: null })
    assert.deepEqual(await history(scene), ['v1 succeeded', 'v2 expired', 'v3 expired', 'v4 succeeded'])
    const gone = await scene.release(2)
    assert.equal(preview.verdicts.find(({ release }) => release.version === 2)?.why, gone.reason)
    assert.equal(preview.artifacts, 1)
    assert.notEqual(gone.artifactDeletedAt, null)
    await assert.rejects(rollback(scene.ledger, scene.by, scene.appId, { releaseId: old.id }), {
      id: 'invalid_params',
      message:
        'Cannot roll back to v2. Release v2 has expired: not the newest (on 2026-01-02), and its artifact is used by no release within the policy.',
    })
    assert.deepEqual(await sweep(scene, context({ releases: 1 })), { releases: [], artifacts: 0, next: null })
    const told = (await scene.ledger.read.events.since(0, 100)).filter(
      ({ kind }) => kind === 'release:expire',
    )
    assert.deepEqual(told[0]?.data, { count: 2, first: 2, last: 3 })
  })

  it('expires by age, unless the clock is not to be trusted', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    await scene.deployed()
    const later = { now: NOW + days(40) }
    assert.equal((await sweep(scene, context({}, { ...later, ageCounts: false }))).releases.length, 0)
    assert.equal((await sweep(scene, context({}, later))).releases.length, 1)
    assert.match(
      (await scene.release(2)).reason ?? '',
      /^older than 30 days \(since 2026-01-31\), and its artifact is used by no release within the policy$/,
    )
  })

  it('keeps what is current, newest, pending, pinned, on standby, or run by a dyno', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const pinned = await scene.deployed()
    const run = await scene.deployed()
    await runDyno(ledger, by, appId, { command: 'true', environment: {} })
    await scene.deployed()
    const standby = await scene.deployed()
    await scene.deployed()
    await scene.fail(await scene.deploy())
    await scene.deploy()
    await pinRelease(ledger, by, appId, { releaseId: pinned.id, reason: 'audit' })
    await updateApp(ledger, by, appId, { settings: { standby: 600_000 } })
    const now = ((await scene.release(6)).succeededAt ?? 0) + 1
    const preview = await previewRetention(ledger, appId, context({ releases: 1 }, { now }))
    const kept = preview.verdicts.flatMap(({ release, isKept }) => (isKept ? [release.version] : []))
    assert.deepEqual(kept, [8, 6, standby.version, run.version, pinned.version, 1])
    await sweep(scene, context({ releases: 1 }, { now }))
    assert.deepEqual(await history(scene), [
      ...['v1 succeeded', 'v2 succeeded', 'v3 succeeded', 'v4 expired'],
      ...['v5 succeeded', 'v6 succeeded', 'v7 expired', 'v8 pending'],
    ])
    assert.match(
      (await scene.release(7)).reason ?? '',
      /; it had failed: the release command exited with status 1$/,
    )
    await updateApp(ledger, by, appId, { settings: { standby: null } })
    await unpinRelease(ledger, by, appId, pinned.id)
    await sweep(scene, context({ releases: 1 }, { now }))
    assert.deepEqual((await history(scene)).slice(1, 5), [
      ...['v2 expired', 'v3 succeeded', 'v4 expired', 'v5 expired'],
    ])
  })

  it('goes by the policy of the app where it has one', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    for (let deploys = 0; deploys < 4; deploys++) await scene.deployed()
    const app = await setRetention(ledger, by, appId, { releases: 3, rule: 'all' })
    assert.deepEqual(app.retention, { releases: 3, rule: 'all' })
    assert.deepEqual((await ledger.read.apps.byId(appId))?.retention, { releases: 3, rule: 'all' })
    assert.equal((await sweep(scene, context({}))).releases.length, 0)
    await setRetention(ledger, by, appId, { rule: null })
    assert.equal((await sweep(scene, context({}))).releases.length, 1)
    await assert.rejects(setRetention(ledger, by, appId, { releases: 0 }), {
      id: 'invalid_params',
      message: 'Retention releases is 0; expected a whole number from 1 to 1000000.',
    })
  })

  it('pins say who and why, and are refused to what is gone', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const release = await scene.deployed()
    const pin = (reason: string, releaseId = release.id) =>
      pinRelease(ledger, by, appId, { releaseId, reason })
    const pinned = await pin(' audit ')
    assert.deepEqual([pinned.pin?.reason, pinned.pin?.account], ['audit', { id: by.id, email: by.email }])
    assert.deepEqual(await pin('audit'), pinned, 'the same again changes nothing')
    const expire = raw(scene.place, `update releases set status = 'expired' where id = '${release.id}'`)
    await assert.rejects(expire, /check/i, 'the database keeps what is pinned')
    for (const bad of ['', ' ', 'a\nb', 'x'.repeat(201)])
      await assert.rejects(pin(bad), { id: 'invalid_params', message: /^The reason of a pin is a line/ })
    await assert.rejects(pin('audit', (await scene.release(1)).id), /v1 has no artifact/)
    assert.equal((await unpinRelease(ledger, by, appId, release.id)).pin, null)
    await scene.deployed()
    await sweep(scene, context({ releases: 1 }))
    await assert.rejects(pin('audit'), {
      id: 'invalid_params',
      message: /^Cannot pin v2\. Release v2 has expired: not the newest \(on 2026-01-02\), and/,
    })
    const kinds = (await ledger.read.events.since(0, 100)).map(({ kind }) => kind)
    assert.equal(kinds.filter(kind => kind === 'release:pin').length, 1)
    assert.equal(kinds.filter(kind => kind === 'release:unpin').length, 1)
  })

  it('a rollback and a sweep at the same moment: exactly one of them wins', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    await scene.deployed()
    const wins = { rollback: 0, sweep: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const target = await scene.deployed()
      await scene.deployed()
      const goBack = () => rollback(ledger, by, appId, { releaseId: target.id })
      const expire = () => sweep(scene, context({ releases: 1 }))
      const acts = round % 2 === 0 ? [goBack, expire] : [expire, goBack]
      const outcomes = await Promise.allSettled(acts.map(act => act()))
      const after = await scene.release(target.version)
      const copies = (await scene.releases()).filter(
        each => each.description === `Rollback to v${target.version}`,
      )
      if (after.status === 'expired') {
        wins.sweep++
        assert.deepEqual(copies, [])
        const refused = outcomes.flatMap(outcome =>
          outcome.status === 'rejected' ? [outcome.reason.message] : [],
        )
        assert.match(refused.join(), new RegExp(`^Cannot roll back to v${target.version}\\. .* has expired`))
      } else {
        wins.rollback++
        const [copy] = copies
        assert.ok(copy && outcomes.every(outcome => outcome.status === 'fulfilled'))
        assert.equal((await scene.release(copy.version)).artifactDeletedAt, null)
        await scene.succeed(copy)
      }
    }
    assert.ok(wins.rollback > 0 && wins.sweep > 0, JSON.stringify(wins))
    const live = (await scene.releases()).filter(({ status }) => status !== 'expired')
    assert.ok(live.every(({ artifactDeletedAt }) => artifactDeletedAt === null))
  })

  it('remembers which bytes are still to be deleted, and whose they are besides', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const release = await scene.deployed()
    await scene.deployed()
    const artifact = await ledger.read.artifacts.byId(release.artifactId ?? '')
    assert.ok(artifact)
    const other = await createApp(ledger, by, { name: 'ramen', random: () => 0 })
    const { id: _, createdAt: _at, deletedAt: _deleted, ...draft } = artifact
    const copy = { ...draft, appId: other.id }
    const unused = await ledger.transact(other.id, tx => tx.artifacts.insert(copy))
    assert.deepEqual((await previewRetention(ledger, appId, context({ releases: 1 }))).digests, [])
    await sweep(scene, context({ releases: 1 }))
    const { artifacts } = ledger.read
    assert.deepEqual(await artifacts.toCollect(PAGE), [{ id: artifact.id, digest: artifact.digest }])
    assert.deepEqual(await artifacts.aliveAmong([artifact.digest, 'x']), new Set([artifact.digest]))
    await ledger.transactPlatform(tx => tx.artifacts.markCollected([artifact.id]))
    assert.deepEqual(await artifacts.toCollect(PAGE), [])

    const soon = context({}, { now: unused.createdAt + days(1) })
    assert.equal((await expireReleases(ledger, other.id, { after: '', ...soon })).artifacts, 0)
    const later = context({}, { now: unused.createdAt + days(1) + 1 })
    assert.deepEqual((await previewRetention(ledger, other.id, later)).digests, [artifact.digest])
    assert.equal((await expireReleases(ledger, other.id, { after: '', ...later })).artifacts, 1)
    assert.deepEqual(await artifacts.aliveAmong([artifact.digest]), new Set())
    assert.deepEqual(
      (await artifacts.toCollect(PAGE)).map(({ id }) => id),
      [unused.id],
    )
  })

  it('remembers what the clock showed', async () => {
    await using scene = await Scene.open(under)
    const { ledger } = scene
    const newest = (await ledger.read.events.since(0, 100)).at(-1)
    assert.deepEqual(await ledger.read.clockMarks.last(), { wall: newest?.at, steadySince: null })
    await ledger.transactPlatform(tx => tx.clockMarks.save({ wall: 5, steadySince: 4 }))
    assert.deepEqual(await ledger.read.clockMarks.last(), { wall: 5, steadySince: 4 })
  })
}
