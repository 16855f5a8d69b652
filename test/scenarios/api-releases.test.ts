import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseDynoId } from '../../src/core/release-command.ts'
import { type Caller, deploy, endRelease, startPlatform } from './api-support.ts'

interface Row {
  version: number
  status: string
  current: boolean
  eligible_for_rollback: boolean
}

const versions = (answer: { body: Row[] }) => answer.body.map(({ version }) => version)

async function makeReleases(owner: Caller, count: number): Promise<void> {
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  for (let version = 2; version <= count; version++) {
    await owner.call('PATCH', '/apps/sushi/config-vars', { body: { N: String(version) } })
  }
}

test('a rollback copies an earlier release and becomes a release itself', async t => {
  const platform = await startPlatform(t)
  const { owner, ledger } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const v2 = await deploy(platform, owner, app, { commit: 'de63889000000000000000000000000000000000' })
  await deploy(platform, owner, app)

  const rolled = await owner.call('POST', '/apps/sushi/releases', { body: { release: v2.id } })
  assert.equal(rolled.status, 201)
  assert.equal(rolled.body.version, 4)
  assert.equal(rolled.body.description, 'Rollback to v2')
  assert.equal(rolled.body.status, 'pending')
  assert.equal(rolled.body.output_stream_url, null)
  assert.deepEqual(rolled.body.user, { id: owner.account.id, email: owner.account.email })
  assert.equal(rolled.body.slug.id, v2.artifactId)
  assert.deepEqual(rolled.body.artifacts, [{ type: 'slug', id: v2.artifactId }])

  await endRelease(ledger, app, rolled.body, 'succeeded')
  const { body } = await owner.call('GET', '/apps/sushi/releases')
  assert.deepEqual(
    body.map(({ version, current, eligible_for_rollback }: Row) => [version, current, eligible_for_rollback]),
    [
      [1, false, false],
      [2, false, true],
      [3, false, true],
      [4, true, true],
    ],
  )
  assert.equal(body[1].description, 'Deploy de63889')
})

test('what cannot be rolled back to is refused with the reason', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await deploy(platform, owner, app, { outcome: 'failed' })
  await deploy(platform, owner, app, { outcome: 'pending' })
  for (const [release, sentence] of [
    ['1', 'Cannot roll back to v1. Release v1 has no artifact: no code had been deployed yet.'],
    ['v2', 'Cannot roll back to v2. Release v2 failed, so there is nothing that ran to go back to.'],
    [
      '3',
      'Cannot roll back to v3. Release v3 is still pending: it can be rolled back to once it has succeeded.',
    ],
  ] as const) {
    const refused = await owner.call('POST', '/apps/sushi/releases', { body: { release } })
    assert.deepEqual(
      [refused.status, refused.body.id, refused.body.message],
      [422, 'invalid_params', sentence],
    )
    const report = await owner.call('GET', `/apps/sushi/releases/${release}/rollback-report`)
    assert.deepEqual([report.status, report.body], [422, refused.body])
  }
  const unknown = await owner.call('POST', '/apps/sushi/releases', { body: { release: 'v99' } })
  assert.deepEqual(
    [unknown.status, unknown.body],
    [404, { id: 'not_found', message: "Couldn't find that release.", resource: 'release' }],
  )
  const nothing = await owner.call('POST', '/apps/sushi/releases', { body: {} })
  assert.deepEqual([nothing.status, nothing.body.id], [400, 'bad_request'])
})

test('a release is found by id, number and v-number, with its config', async t => {
  const { owner } = await startPlatform(t)
  await makeReleases(owner, 3)
  const { body: release } = await owner.call('GET', '/apps/sushi/releases/3')
  for (const identity of ['v3', 'V3', release.id]) {
    assert.deepEqual((await owner.call('GET', `/apps/sushi/releases/${identity}`)).body, release)
  }
  assert.deepEqual((await owner.call('GET', '/apps/sushi/releases/v2/config-vars')).body, { N: '2' })
  for (const identity of ['0', '99', 'v', 'latest', '99999999999999999999', '%20']) {
    const missing = await owner.call('GET', `/apps/sushi/releases/${identity}`)
    assert.deepEqual([missing.status, missing.body.resource], [404, 'release'], identity)
  }
  const extended = await owner.call('GET', '/apps/sushi/releases/3?extended=true')
  assert.deepEqual(extended.body.extended, { slug_id: null, slug_uuid: null })
})

test('every range the official client sends is understood', async t => {
  const { owner } = await startPlatform(t)
  await makeReleases(owner, 20)
  for (const [range, expected] of [
    ['version ..; max=15, order=desc', [20, 6]],
    ['version ..; max=10, order=desc', [20, 11]],
    ['version ..; max=5, order=desc', [20, 16]],
    ['version ..; max=1, order=desc', [20, 20]],
    ['version ..; order=desc,max=1', [20, 20]],
    ['version ..; order=desc', [20, 1]],
    ['version ]5..8', [6, 8]],
    ['version 5..8[', [5, 7]],
    ['', [1, 20]],
  ] as const) {
    const page = await owner.call('GET', '/apps/sushi/releases', { headers: { range } })
    const found = versions(page)
    assert.deepEqual([found[0], found.at(-1)], expected, range)
    const isWhole = Math.min(...found) === 1 || (found.length < 5 && /\d\.\.\d/.test(range))
    assert.equal(page.status, isWhole ? 200 : 206, range)
    assert.equal(page.headers.has('next-range'), !isWhole, range)
    assert.equal(page.headers.get('accept-ranges'), 'version, id')
  }
})

test('following Next-Range gives every release once and then ends', async t => {
  const { owner } = await startPlatform(t)
  await makeReleases(owner, 20)
  for (const first of [
    'version ..; max=7, order=desc',
    'version ..; max=7',
    'version 3..18; max=4,order=desc',
    'id ..; max=6',
  ]) {
    const found: number[] = []
    let range: string | null = first
    for (let pages = 0; range !== null && pages < 20; pages++) {
      const page: Awaited<ReturnType<Caller['call']>> = await owner.call('GET', '/apps/sushi/releases', {
        headers: { range },
      })
      found.push(...versions(page))
      range = page.headers.get('next-range')
    }
    assert.equal(range, null)
    const [low, high] = first.includes('3..18') ? [3, 18] : [1, 20]
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      Array.from({ length: high - low + 1 }, (_, index) => low + index),
      first,
    )
  }
})

test('a range that cannot be read is refused with a sentence', async t => {
  const { owner } = await startPlatform(t)
  await makeReleases(owner, 1)
  for (const range of [
    'version ..; max=abc',
    'version ..; max=0',
    'version ..; max=-1',
    'version a..b',
    'name ..',
    'bytes=0-100',
    'version ..; order=up',
  ]) {
    const refused = await owner.call('GET', '/apps/sushi/releases', { headers: { range } })
    assert.deepEqual([refused.status, refused.body.id], [416, 'requested_range_not_satisfiable'], range)
    assert.match(refused.body.message, /^[A-Z].*[.a-z]$/)
  }
})

test('a slug is released again, and a release retried', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const release = await deploy(platform, owner, app)
  const again = await owner.call('POST', '/apps/sushi/releases', {
    body: { slug: release.artifactId, description: 'by hand' },
  })
  assert.deepEqual([again.status, again.body.description], [201, 'by hand'])
  const retried = await owner.call('POST', '/apps/sushi/releases', {
    body: { description: `Retry of v2: ${release.description}` },
  })
  assert.equal(retried.body.description, `Retry of v2: ${release.description}`)
  const unknown = await owner.call('POST', '/apps/sushi/releases', { body: { slug: 'nope' } })
  assert.deepEqual([unknown.status, unknown.body.resource], [404, 'slug'])

  const slug = await owner.call('GET', `/apps/sushi/slugs/${release.artifactId}`)
  assert.match(slug.body.checksum, /^SHA256:[0-9a-f]{64}$/)
  assert.deepEqual(slug.body.process_types, { web: 'node server.js' })
  const image = await owner.call('GET', `/apps/sushi/oci-images/${release.artifactId}`)
  assert.equal(image.body[0].process_types.web.command, 'node server.js')
})

test("a release command's output is streamed from the release's URL until the command ends", async t => {
  const platform = await startPlatform(t)
  const { owner, context } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const release = await deploy(platform, owner, app, {
    processTypes: { web: 'node .', release: 'node migrate.js' },
    outcome: 'pending',
  })
  const { body: shown } = await owner.call('GET', '/apps/sushi/releases/2')
  const read = (headers: Record<string, string> = {}) =>
    fetch(shown.output_stream_url, { headers, signal: AbortSignal.timeout(60_000) })
  const early = read()
  const transcript = await context.transcripts.open(releaseDynoId(release.id))
  transcript.write('migrating\n')
  const [whole, part, events] = await Promise.all([
    early,
    read({ range: 'bytes=3-' }),
    read({ accept: 'text/event-stream', 'last-event-id': '10' }),
  ])
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 3-9007199254740991/*'])
  transcript.write('do\rne\n')
  await transcript.end()
  assert.equal(await whole.text(), 'migrating\ndo\rne\n')
  assert.equal(await part.text(), 'rating\ndo\rne\n')
  assert.equal(await events.text(), ': heartbeat\n\nid: 16\ndata: do\ndata: ne\n\n')

  const later = await read({ range: 'bytes=10-' })
  assert.deepEqual([later.status, later.headers.get('content-range')], [206, 'bytes 10-15/16'])
  assert.equal(await later.text(), 'do\rne\n')
  assert.equal((await read({ range: 'bytes=16-' })).status, 416)
  assert.equal((await read({ accept: 'text/event-stream', 'last-event-id': '16' })).status, 204)
  assert.equal((await read({ range: 'lines=1-' })).status, 200)
})

test('a stream that the platform has to cut off does not look like its end', async t => {
  const platform = await startPlatform(t)
  const { owner, context } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const processTypes = { web: 'node .', release: 'node migrate.js' }
  const release = await deploy(platform, owner, app, { processTypes, outcome: 'pending' })
  const { body: shown } = await owner.call('GET', '/apps/sushi/releases/2')
  const transcript = await context.transcripts.open(releaseDynoId(release.id))
  transcript.write('migrating\n')
  const response = await fetch(shown.output_stream_url, { signal: AbortSignal.timeout(60_000) })
  const text = assert.rejects(response.text())
  await platform.restart()
  await text
  await transcript.end()
})

test('a release that waits or rolls out is cancelled, once and for all', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await deploy(platform, owner, app, { outcome: 'succeeded' })
  for (const name of ['A', 'B', 'C'])
    await owner.call('PATCH', '/apps/sushi/config-vars', { body: { [name]: '1' } })
  const cancel = (release: string) => owner.call('POST', `/apps/sushi/releases/${release}/actions/cancel`)

  const { status, body } = await cancel('v4')
  assert.deepEqual([status, body.status, body.reason], [200, 'failed', `cancelled by ${owner.account.email}`])
  assert.deepEqual((await cancel('4')).body, body)
  assert.deepEqual((await owner.call('GET', '/apps/sushi/config-vars')).body, { A: '1', C: '1' })
  await cancel('3')
  assert.deepEqual((await owner.call('GET', '/apps/sushi/config-vars')).body, { C: '1' })
  const next = await platform.ledger.read.releases.rolling(app.id)
  assert.equal(next?.version, 5, 'the next one has its turn')

  const refused = await cancel('2')
  assert.equal(refused.status, 409)
  assert.match(refused.body.message, /^Release v2 has succeeded, so there is nothing to cancel\./)
  assert.equal((await cancel('9')).status, 404)
})
