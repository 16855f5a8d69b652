import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Collector } from '../../src/artifacts/collector.ts'
import { Remains } from '../../src/artifacts/remains.ts'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { UnknownImages } from '../../src/artifacts/unknown.ts'
import { UnnamedImages } from '../../src/artifacts/unnamed.ts'
import { DEFAULT_RETENTION } from '../../src/core/retention.ts'
import { deploy, startPlatform } from './api-support.ts'

test('pins are shown wherever releases are, and say who and why', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'shop' } })
  await deploy(platform, owner, app)
  const joe = await platform.caller('joe@example.com')
  const pin = (caller: typeof joe, release: string, body: unknown) =>
    caller.call('POST', `/apps/shop/releases/${release}/actions/pin`, { body })
  assert.equal((await pin(joe, 'v2', { reason: 'audit' })).status, 404)
  await owner.call('POST', '/apps/shop/collaborators', { body: { user: 'joe@example.com' } })
  const pinned = await pin(joe, 'v2', { reason: 'audit' })
  assert.equal(pinned.status, 200)
  assert.deepEqual(pinned.body.pin, {
    reason: 'audit',
    user: { id: joe.account.id, email: joe.account.email },
    created_at: '2026-03-01T12:00:00Z',
  })
  const { body: listed } = await owner.call('GET', '/apps/shop/releases')
  assert.deepEqual(
    listed.map(({ pinned: isPinned, pin: shown }: { pinned: boolean; pin: unknown }) => [isPinned, shown]),
    [
      [false, null],
      [true, pinned.body.pin],
    ],
  )
  for (const [release, body, status] of [
    ['v2', {}, 422],
    ['v2', { reason: ' ' }, 422],
    ['v1', { reason: 'audit' }, 422],
    ['v9', { reason: 'audit' }, 404],
  ] as const)
    assert.equal((await pin(joe, release, body)).status, status)
  const { body: freed } = await joe.call('POST', '/apps/shop/releases/2/actions/unpin', { body: {} })
  assert.deepEqual([freed.pinned, freed.pin], [false, null])
})

test('a retention policy is shown with what holds, and changed part by part', async t => {
  const platform = await startPlatform(t, {
    retention: {
      policy: { days: 7, releases: 10, rule: 'any' },
      preview: async () => assert.fail('nothing is swept here'),
      reclaimable: async () => assert.fail('nothing is swept here'),
      sweep: async () => assert.fail('nothing is swept here'),
      ageCountsAgainAt: async () => Date.parse('2026-03-02T12:00:00Z'),
    },
  })
  const { owner } = platform
  await owner.call('POST', '/apps', { body: { name: 'shop' } })
  const change = (body: unknown) => owner.call('PATCH', '/apps/shop/retention-policy', { body })
  const { body: first } = await owner.call('GET', '/apps/shop/retention-policy')
  assert.deepEqual([first.days, first.releases, first.rule], [null, null, null])
  assert.deepEqual(first.effective, first.platform)
  assert.deepEqual([first.age_counts, first.age_counts_again_at], [false, '2026-03-02T12:00:00Z'])
  await change({ days: 14, rule: 'all' })
  const { body: changed } = await change({ rule: null, releases: 3 })
  assert.deepEqual([changed.days, changed.releases, changed.rule], [14, 3, null])
  assert.deepEqual(changed.effective, { days: 14, releases: 3, rule: 'any' })
  for (const bad of [
    { days: 0 },
    { days: -1 },
    { releases: 0 },
    { days: 1.5 },
    { rule: 'some' },
    { days: 'x' },
    { weeks: 1 },
  ]) {
    const { status, body } = await change(bad)
    assert.deepEqual([status, body.id], [422, 'invalid_params'], JSON.stringify(bad))
    assert.match(body.message, /^[A-Z].*\.$/)
  }
})

/** Retention as the server has it; `meanwhile` is what happens while a sweep waits for its turn. */
async function sweptPlatform(t: TestContext, meanwhile: () => Promise<unknown> = async () => {}) {
  let collector: Collector | undefined
  const real = () => collector ?? assert.fail('not there yet')
  const platform = await startPlatform(t, {
    retention: {
      policy: DEFAULT_RETENTION,
      preview: id => real().preview(id),
      reclaimable: preview => real().reclaimable(preview),
      sweep: async id => {
        await meanwhile()
        return real().sweep(id)
      },
      ageCountsAgainAt: async () => null,
    },
  })
  const { ledger, directory, clock } = platform
  const store = await openFilesystemStore(join(directory, 'artifacts'))
  const onTrouble = ({ error }: { error: unknown }) => assert.ifError(error)
  collector = new Collector({
    ...{ ledger, store, clock: () => clock.now, monotonic: () => clock.now, onTrouble },
    remains: new Remains({ ledger, store, unnamed: new UnnamedImages(async () => []), onTrouble }),
    unknown: new UnknownImages(join(directory, 'unknown.json')),
    retention: { policy: DEFAULT_RETENTION, settings: {} },
  })
  t.after(() => collector?.close())
  const { body: app } = await platform.owner.call('POST', '/apps', { body: { name: 'shop' } })
  for (let deploys = 0; deploys < 4; deploys++) await deploy(platform, platform.owner, app)
  await platform.owner.call('PATCH', '/apps/shop/retention-policy', { body: { releases: 2 } })
  const sweep = async () => (await platform.owner.call('POST', '/apps/shop/actions/sweep', { body: {} })).body
  return { ...platform, app, sweep }
}

interface SweptRelease {
  version: number
  verdict: string
  due: boolean
  why: string
}

const due = ({ releases }: { releases: SweptRelease[] }) =>
  releases.flatMap(release => (release.due ? [`v${release.version} ${release.verdict}`] : []))

test('a sweep says what it did, not what it was going to do before others acted', async t => {
  const acts: (() => Promise<unknown>)[] = []
  const { owner, sweep } = await sweptPlatform(t, async () => acts.shift()?.())
  const act = (path: string, body: unknown) => owner.call('POST', `/apps/shop/releases${path}`, { body })
  acts.push(() => act('/2/actions/pin', { reason: 'audit' }))
  const first = await sweep()
  assert.deepEqual([due(first), first.artifacts], [['v3 expired'], 1])
  assert.match(
    first.releases[2].why,
    /^not among the newest 2 \(on 2026-03-01\), and its artifact is used by/,
  )
  await act('/2/actions/unpin', {})
  acts.push(() => act('', { release: '2' }))
  const second = await sweep()
  assert.deepEqual([due(second), second.artifacts], [['v4 expired'], 1])
  assert.deepEqual(
    second.releases.map(({ version, verdict }: SweptRelease) => `v${version} ${verdict}`),
    ['v6 kept', 'v5 kept', 'v4 expired', 'v3 expired', 'v2 kept', 'v1 kept'],
  )
})

test('of two sweeps at once each says what it did itself', async t => {
  const { sweep } = await sweptPlatform(t)
  const sweeps = await Promise.all([sweep(), sweep()])
  assert.deepEqual(sweeps.flatMap(due), ['v3 expired', 'v2 expired'])
  assert.deepEqual(sweeps.map(({ artifacts }) => artifacts).toSorted(), [0, 2])
})

test('code that was destroyed is refused with the reason, whatever it is wanted for', async t => {
  const { owner, ledger, app, url, sweep } = await sweptPlatform(t)
  const { body: release } = await owner.call('GET', '/apps/shop/releases/2')
  const path = `/apps/shop/oci-images/${release.slug.id}`
  const { body: images } = await owner.call('GET', path)
  await sweep()
  const why =
    /^This slug was destroyed when v2 expired: not among the newest 2 \(on 2026-03-01\), and its artifact is /
  const retry = { slug: release.slug.id, description: 'Retry of v2: Deploy' }
  for (const refused of [
    await owner.call('POST', '/apps/shop/releases', { body: retry }),
    await owner.call('POST', `${path}/actions/verify`, { body: {} }),
    await owner.call('GET', images[0].blob.url.slice(url.length)),
  ]) {
    assert.deepEqual([refused.status, refused.body.id], [422, 'invalid_params'])
    assert.match(refused.body.message, why)
  }

  const [draft] = await ledger.read.artifacts.ofApp(app.id)
  assert.ok(draft)
  const unused = await ledger.transact(app.id, async tx => {
    const { id, ...artifact } = draft
    const made = await tx.artifacts.insert({ ...artifact, kind: 'oci-image' })
    await tx.artifacts.markDeleted([made.id])
    return made
  })
  const { body } = await owner.call('POST', '/apps/shop/releases', { body: { slug: unused.id } })
  assert.match(
    body.message,
    /^This image was destroyed by the retention policy: no release had used it for a day\./,
  )
})

test('everybody sees what their own apps take, and the owner what all do', async t => {
  const bytes = { releases: { own: 1, shared: 2 }, repository: 3, buildCache: 4, logs: 5, reclaimable: 6 }
  const platform = await startPlatform(t, {
    disk: {
      disk: async () => ({ total: 100, free: 50, used: 10, budget: 20 }),
      apps: async apps => apps.map(({ id }) => ({ appId: id, ...bytes })),
      refusal: async () => 'The disk is full. Nothing was built.',
    },
  })
  const joe = await platform.caller('joe@example.com')
  const { body: shop } = await platform.owner.call('POST', '/apps', { body: { name: 'shop' } })
  await joe.call('POST', '/apps', { body: { name: 'stand' } })
  const names = ({ body }: { body: { apps: { app: { name: string } }[] } }) =>
    body.apps.map(({ app }) => app.name)
  const all = await platform.owner.call('GET', '/disk')
  assert.deepEqual([all.body.used, all.body.budget, names(all)], [10, 20, ['shop', 'stand']])
  const { appId: _, buildCache, ...others } = { appId: '', ...bytes }
  assert.deepEqual(all.body.apps[0], {
    app: { id: shop.id, name: 'shop' },
    ...others,
    build_cache: buildCache,
  })
  const own = await joe.call('GET', '/disk')
  assert.deepEqual([own.body.used, names(own)], [null, ['stand']])
  assert.equal((await joe.call('GET', '/disk?app=shop')).status, 404)
  assert.deepEqual(names(await platform.owner.call('GET', '/disk?app=stand')), ['stand'])

  const build = { source_blob: { url: 'http://127.0.0.1:1/x.tgz' } }
  const refused = await joe.call('POST', '/apps/stand/builds', { body: build })
  assert.deepEqual(
    [refused.status, refused.body],
    [503, { id: 'service_unavailable', message: 'The disk is full. Nothing was built.' }],
  )
  assert.deepEqual((await joe.call('GET', '/apps/stand/builds')).body, [])
})
