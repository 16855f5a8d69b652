import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hours } from '../../src/core/time.ts'
import { startPlatform } from './api-support.ts'

const tarball = randomBytes(300_000)

const put = (url: string, body: Buffer | string) =>
  fetch(url, { method: 'PUT', body, headers: { 'content-type': '' }, signal: AbortSignal.timeout(60_000) })

test('a source is uploaded without a token, stored whole, and built', async t => {
  const platform = await startPlatform(t)
  const { owner, context } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const { body: source } = await owner.call('POST', '/sources')
  const { put_url, get_url } = source.source_blob
  assert.equal((await put(put_url, tarball)).status, 200)
  const [file] = await readdir(context.sourcesDirectory)
  assert.deepEqual(await readFile(join(context.sourcesDirectory, file ?? '')), tarball)
  const fetched = await fetch(get_url, { signal: AbortSignal.timeout(60_000) })
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), tarball)

  const checksum = `SHA256:${createHash('sha256').update(tarball).digest('hex')}`
  const build = await owner.call('POST', '/apps/sushi/builds', {
    body: { source_blob: { url: get_url, version: 'v1.2', checksum } },
  })
  assert.equal(build.status, 201)
  assert.deepEqual(
    [build.body.status, build.body.app.id, build.body.source_blob.version],
    ['pending', app.id, 'v1.2'],
  )
  const [pending] = await platform.ledger.read.builds.pending()
  assert.deepEqual(pending?.source, { kind: 'source', sourceId: file })

  const cancelled = await owner.call('DELETE', `/apps/sushi/builds/${build.body.id}`)
  assert.deepEqual(
    [cancelled.body.status, cancelled.body.reason],
    ['failed', 'The build was cancelled by owner@example.com.'],
  )
  assert.deepEqual((await owner.call('DELETE', `/apps/sushi/builds/${build.body.id}`)).body, {
    ...cancelled.body,
    output_stream_url: (await owner.call('GET', `/apps/sushi/builds/${build.body.id}`)).body
      .output_stream_url,
  })
  const list = await owner.call('GET', '/apps/sushi/builds', {
    headers: { range: 'created_at ..; max=15, order=desc' },
  })
  assert.deepEqual(
    list.body.map(({ id }: { id: string }) => id),
    [build.body.id],
  )
})

test('sources that are not there, not whole, not theirs or not signed are refused', async t => {
  const platform = await startPlatform(t)
  const { owner, clock, context } = platform
  const jim = await platform.caller('jim@example.com')
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await jim.call('POST', '/apps', { body: { name: 'ramen' } })
  const { put_url, get_url } = (await owner.call('POST', '/apps/sushi/sources')).body.source_blob

  const early = await owner.call('POST', '/apps/sushi/builds', { body: { source_blob: { url: get_url } } })
  assert.match(early.body.message, /not uploaded yet/)
  assert.equal((await put(put_url, '')).status, 400)
  assert.equal((await put(get_url, tarball)).status, 404)
  assert.equal((await put(put_url.replace(/signature=./, 'signature=_'), tarball)).status, 404)
  assert.equal((await put(put_url.replace(/expires=\d/, 'expires=9'), tarball)).status, 404)
  assert.equal((await fetch(get_url)).status, 404)
  assert.equal((await put(put_url, tarball)).status, 200)

  const stolen = await jim.call('POST', '/apps/ramen/builds', { body: { source_blob: { url: get_url } } })
  assert.match(stolen.body.message, /belongs to another app/)
  const torn = await owner.call('POST', '/apps/sushi/builds', {
    body: { source_blob: { url: get_url, checksum: `SHA256:${'0'.repeat(64)}` } },
  })
  assert.match(torn.body.message, /does not have this checksum/)
  for (const source_blob of [
    { url: 'file:///etc/passwd' },
    { url: 'ftp://example.com/a.tgz' },
    { url: 'nonsense' },
    { url: get_url, checksum: 'md5' },
    {},
  ]) {
    const refused = await owner.call('POST', '/apps/sushi/builds', { body: { source_blob } })
    assert.deepEqual([refused.status, refused.body.id], [422, 'invalid_params'], JSON.stringify(source_blob))
  }
  clock.now += hours(1)
  assert.equal((await put(put_url, tarball)).status, 404)
  assert.deepEqual(
    (await readdir(context.sourcesDirectory)).filter(name => name.endsWith('.part')),
    [],
  )
})

test('a place is filled only while there is room, and by whom may still deploy', async t => {
  const disk = { refused: undefined as string | undefined }
  const received: string[] = []
  const platform = await startPlatform(t, {
    disk: {
      disk: async () => ({ total: 100, free: 50, used: 10, budget: null }),
      apps: async () => [],
      refusal: async () => disk.refused,
    },
    receive: async upload => {
      received.push(upload.id)
      const owned = { id: upload.id, appId: upload.appId, kind: upload.kind }
      return platform.ledger.transact(upload.appId, tx =>
        tx.artifacts.insert({
          ...{ ...owned, digest: 'sha256:0', size: 1, processTypes: {}, stack: 'tidemark-1', commit: null },
          ...{ commitDescription: null, buildpackDescription: null },
        }),
      )
    },
  })
  const { owner } = platform
  const jim = await platform.caller('jim@example.com')
  const joe = await platform.caller('joe@example.com')
  await jim.call('POST', '/apps', { body: { name: 'sushi' } })
  await jim.call('POST', '/apps/sushi/collaborators', { body: { user: 'joe@example.com' } })
  const open = async (caller: typeof jim) => {
    const { body } = await caller.call('POST', '/apps/sushi/slugs', { body: { process_types: {} } })
    return body.blob.url as string
  }
  const [first, second, third] = [await open(jim), await open(jim), await open(joe)]
  disk.refused = 'The disk is nearly full.'
  const full = await put(first, tarball)
  assert.deepEqual(
    [full.status, await full.json()],
    [503, { id: 'service_unavailable', message: disk.refused }],
  )
  disk.refused = undefined
  assert.equal((await put(first, tarball)).status, 200)
  await jim.call('DELETE', '/apps/sushi/collaborators/joe@example.com')
  assert.equal((await put(third, tarball)).status, 404)
  await owner.call('POST', '/accounts/jim@example.com/actions/disable')
  assert.equal((await put(second, tarball)).status, 404)
  assert.equal(received.length, 1)
})

test("a build's output is streamed to whoever has its URL, while it grows and after", async t => {
  const platform = await startPlatform(t)
  const { owner, context, ledger } = platform
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const { body: build } = await owner.call('POST', '/apps/sushi/builds', {
    body: { source_blob: { url: 'https://example.com/source.tgz?token=hunter2' } },
  })
  assert.equal(build.source_blob.url, 'https://example.com/source.tgz')
  const early = fetch(build.output_stream_url, { signal: AbortSignal.timeout(60_000) })
  const transcript = await context.transcripts.open(build.id)
  transcript.write('-----> Node.js app detected\n')
  const growing = await early
  assert.equal(growing.headers.get('content-type'), 'text/plain; charset=utf-8')
  const reader = growing.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.equal((await reader?.read())?.value, '-----> Node.js app detected\n')
  transcript.write('-----> Compressing... done\n')
  assert.equal((await reader?.read())?.value, '-----> Compressing... done\n')
  await transcript.end()
  assert.equal((await reader?.read())?.done, true)

  const whole = await fetch(build.output_stream_url)
  assert.equal(await whole.text(), '-----> Node.js app detected\n-----> Compressing... done\n')
  await owner.call('DELETE', `/apps/sushi/builds/${build.id}`)
  const result = await owner.call('GET', `/apps/sushi/builds/${build.id}/result`)
  assert.equal(result.body.exit_code, 1)
  assert.deepEqual(result.body.lines[1], { line: '-----> Compressing... done\n', stream: 'STDOUT' })
  assert.equal(
    (await fetch(build.output_stream_url.replace(build.id, (await ledger.read.apps.list())[0]?.id ?? '')))
      .status,
    404,
  )
})

test('buildpacks are set in order; what is none, or not theirs to use, is refused', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')
  await jim.call('POST', '/apps', { body: { name: 'sushi' } })
  const set = (buildpacks: unknown[], caller = jim) =>
    caller.call('PUT', '/apps/sushi/buildpack-installations', {
      body: { updates: buildpacks.map(buildpack => ({ buildpack })) },
      headers: { range: '' },
    })
  const url = 'https://git.example.com/buildpack.git#v1'
  const answer = await set(['heroku/nodejs', url, { url: 'tidemark/static' }])
  assert.deepEqual(
    answer.body.map((entry: { ordinal: number; buildpack: { url: string } }) => [
      entry.ordinal,
      entry.buildpack.url,
    ]),
    [
      [0, 'tidemark/nodejs'],
      [1, url],
      [2, 'tidemark/static'],
    ],
  )
  assert.deepEqual((await jim.call('GET', '/apps/sushi/buildpack-installations')).body, answer.body)
  for (const bad of [
    'heroku/cobol',
    'ext::sh -c id',
    '--upload-pack=id',
    'https://example.com/buildpack.tgz',
    '',
    'ssh://git@example.com/x.git',
  ]) {
    assert.equal((await set([bad])).status, 422, bad)
  }
  assert.equal((await set(['/opt/buildpack'])).status, 403)
  assert.equal((await set(['file:///opt/buildpack'])).status, 403)
  assert.equal((await set(['/opt/buildpack'], platform.owner)).status, 200)
  assert.deepEqual((await set([])).body, [])
})
