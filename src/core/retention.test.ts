import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  DEFAULT_RETENTION,
  isForgotten,
  type RetainedRelease,
  type RetentionPolicy,
  type RetentionScene,
  retention,
  retentionFault,
} from './retention.ts'
import { days } from './time.ts'

const NOW = Date.UTC(2026, 10, 25)
const PIN = { reason: 'audit', account: { id: 'a', email: 'jim@example.com' }, createdAt: 1 }

function release(version: number, age: number, changes: Partial<RetainedRelease> = {}): RetainedRelease {
  return {
    id: `r${version}`,
    version,
    status: 'succeeded',
    current: false,
    reason: null,
    artifactId: `a${version}`,
    artifactDeletedAt: null,
    pin: null,
    createdAt: NOW - days(age),
    ...changes,
  }
}

function scene(policy: Partial<RetentionPolicy>, changes: Partial<RetentionScene> = {}): RetentionScene {
  return {
    policy: { ...DEFAULT_RETENTION, ...policy },
    now: NOW,
    ageCounts: true,
    lastVersion: 9,
    standbyId: null,
    running: new Set(),
    ...changes,
  }
}

function words(releases: readonly RetainedRelease[], around: RetentionScene): string[] {
  return retention(releases, around).map(
    ({ release: { version }, isKept, why }) => `v${version} ${isKept ? 'kept' : 'expired'}: ${why}`,
  )
}

const NO_USE = 'and its artifact is used by no release within the policy'

describe('retention says of every release what becomes of it, and why', () => {
  it('by the rule any', () => {
    const releases = [release(9, 1), release(8, 2), release(7, 3), release(6, 43), release(5, 2)]
    const ledger = releases.map(each => (each.version === 8 ? { ...each, current: true } : each))
    assert.deepEqual(words(ledger, scene({ releases: 4 })), [
      'v9 kept: the newest release',
      'v8 kept: current',
      'v7 kept: among the newest 4 and not older than 30 days',
      `v6 expired: older than 30 days (since 2026-11-12), ${NO_USE}`,
      `v5 expired: not among the newest 4 (on 2026-11-25), ${NO_USE}`,
    ])
  })

  it('by the rule all', () => {
    const releases = [release(8, 43), release(5, 2), release(4, 43)]
    assert.deepEqual(words(releases, scene({ releases: 4, rule: 'all' })), [
      'v8 kept: among the newest 4',
      'v5 kept: not older than 30 days',
      `v4 expired: older than 30 days (since 2026-11-12) and not among the newest 4 (on 2026-11-25), ${NO_USE}`,
    ])
  })

  it('when it is exempt, or shares the artifact of one that is kept', () => {
    const releases = [
      release(8, 90, { status: 'pending' }),
      release(7, 90, { current: true }),
      release(6, 90),
      release(5, 90, { pin: PIN }),
      release(4, 90),
      release(3, 90, { artifactId: 'a7' }),
      release(2, 90, { artifactId: 'a5', status: 'failed', reason: 'x' }),
      release(1, 90, { artifactId: null }),
    ]
    assert.deepEqual(words(releases, scene({}, { standbyId: 'r6', running: new Set(['r4']) })), [
      'v8 kept: pending',
      'v7 kept: current',
      'v6 kept: the release before the current one, to go back to at once',
      'v5 kept: pinned: audit by jim@example.com',
      'v4 kept: run by a dyno',
      'v3 kept: shares its artifact with v7, which is current',
      'v2 kept: shares its artifact with v5, which is pinned: audit by jim@example.com',
      'v1 kept: without an artifact, so there is nothing to destroy',
    ])
  })

  it('when it has expired before', () => {
    const before = release(3, 1, { status: 'expired', artifactDeletedAt: 5, reason: 'too old' })
    assert.deepEqual(words([before], scene({})), ['v3 expired: too old'])
    assert.equal(retention([before], scene({}))[0]?.isDue, false)
  })

  it('by number alone while the clock is not to be trusted', () => {
    const releases = [release(8, 90), release(2, 1)]
    assert.deepEqual(words(releases, scene({ releases: 4 }, { ageCounts: false })), [
      'v8 kept: among the newest 4',
      `v2 expired: not among the newest 4 (on 2026-11-25), ${NO_USE}`,
    ])
    assert.deepEqual(words(releases, scene({ releases: 4, rule: 'all' }, { ageCounts: false })), [
      'v8 kept: among the newest 4',
      'v2 kept: of an age that does not count before the clock is steady',
    ])
  })
})

describe('a retention policy', () => {
  it('is refused with a sentence when it cannot be', () => {
    for (const good of [{}, DEFAULT_RETENTION, { days: 1, releases: 1 }, { days: 36_500, rule: 'all' }])
      assert.equal(retentionFault(good), undefined)
    assert.equal(
      retentionFault({ days: -1 }),
      'Retention days is -1; expected a whole number from 1 to 36500.',
    )
    for (const bad of [{ releases: 0 }, { releases: 1.5 }, { days: 36_501 }, { days: '3' }, { rule: 'some' }])
      assert.match(retentionFault(bad) ?? '', /^Retention \w+ is .*; expected .*\.$/)
  })
})

it('an artifact that no release ever used is kept for a day, by a steady clock', () => {
  assert.ok(!isForgotten(NOW - days(1), { now: NOW, ageCounts: true }))
  assert.ok(isForgotten(NOW - days(1) - 1, { now: NOW, ageCounts: true }))
  assert.ok(!isForgotten(NOW - days(9), { now: NOW, ageCounts: false }))
})

const policies = fc.record({
  days: fc.integer({ min: 1, max: 60 }),
  releases: fc.integer({ min: 1, max: 12 }),
  rule: fc.constantFrom('any' as const, 'all' as const),
})

const ledgers = fc
  .array(
    fc.record({
      artifact: fc.option(fc.integer({ min: 0, max: 4 })),
      age: fc.integer({ min: -5, max: 80 }),
      isFailed: fc.boolean(),
      isPinned: fc.boolean(),
      isRunning: fc.boolean(),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .chain(rows => fc.record({ rows: fc.constant(rows), current: fc.nat({ max: rows.length - 1 }) }))
  .map(({ rows, current }) => ({
    running: new Set(rows.flatMap((row, index) => (row.isRunning ? [`r${index + 1}`] : []))),
    releases: rows.map((row, index) =>
      release(index + 1, row.age, {
        artifactId: row.artifact === null ? null : `a${row.artifact}`,
        current: index === current,
        status: row.isFailed && index !== current ? 'failed' : 'succeeded',
        pin: row.isPinned ? PIN : null,
      }),
    ),
  }))

type Ledger = { releases: readonly RetainedRelease[]; running: ReadonlySet<string> }

function judge({ releases, running }: Ledger, policy: RetentionPolicy, ageCounts = true) {
  return retention(releases, scene(policy, { running, lastVersion: releases.length, ageCounts }))
}

function due(ledger: Ledger, policy: RetentionPolicy, ageCounts = true): number[] {
  return judge(ledger, policy, ageCounts).flatMap(({ release: { version }, isDue }) =>
    isDue ? [version] : [],
  )
}

describe('whatever the ledger and the policy,', () => {
  it('the current, the newest, the pinned and the running are kept, and whatever shares their artifact', () => {
    fc.assert(
      fc.property(ledgers, policies, (ledger, policy) => {
        const verdicts = judge(ledger, policy)
        assert.equal(verdicts.length, ledger.releases.length)
        const safe = ledger.releases.filter(
          ({ id, current, pin, version }) =>
            current || pin || version === ledger.releases.length || ledger.running.has(id),
        )
        const artifacts = new Set(safe.map(({ artifactId }) => artifactId))
        for (const { release: each, isKept } of verdicts)
          if (each.artifactId === null || artifacts.has(each.artifactId)) assert.ok(isKept)
      }),
    )
  })

  it('releases that share an artifact are kept or expire together', () => {
    fc.assert(
      fc.property(ledgers, policies, (ledger, policy) => {
        const fates = Map.groupBy(judge(ledger, policy), verdict => verdict.release.artifactId)
        for (const group of fates.values()) assert.equal(new Set(group.map(({ isKept }) => isKept)).size, 1)
      }),
    )
  })

  it('a more generous policy expires nothing that the other keeps', () => {
    fc.assert(
      fc.property(ledgers, policies, fc.nat(20), fc.nat(5), (ledger, policy, moreDays, moreReleases) => {
        const before = new Set(due(ledger, policy))
        const { days: d, releases: r } = policy
        for (const generous of [
          { ...policy, days: d + moreDays, releases: r + moreReleases },
          { ...policy, rule: 'all' as const },
        ])
          for (const version of due(ledger, generous)) assert.ok(before.has(version))
        for (const version of due(ledger, policy, false)) assert.ok(before.has(version))
      }),
    )
  })

  it('a huge policy expires nothing', () => {
    fc.assert(
      fc.property(ledgers, ledger => {
        for (const rule of ['any', 'all'] as const)
          assert.deepEqual(due(ledger, { days: 36_500, releases: 1_000_000, rule }), [])
      }),
    )
  })

  it('what has expired stays so, and nothing more expires the second time', () => {
    fc.assert(
      fc.property(ledgers, policies, (ledger, policy) => {
        const gone = new Set(due(ledger, policy))
        const releases = ledger.releases.map(each =>
          gone.has(each.version)
            ? { ...each, status: 'expired' as const, artifactDeletedAt: NOW, reason: 'gone' }
            : each,
        )
        assert.deepEqual(due({ ...ledger, releases }, policy), [])
      }),
    )
  })
})
