import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { archive, image, layer, tar } from '../contracts/image-archive.ts'
import { TestApp } from '../support/app.ts'
import { ROOT, startPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

for (const [setting, sentence] of [
  [['--port', 'http'], /^tidemark: --port \(TIDEMARK_PORT\) is "http"; expected a port from 0 to 65535\.$/m],
  [['--no-such-flag'], /^tidemark: Unknown option '--no-such-flag'.* See: tidemark server --help$/m],
  [['--boot-timeout', '-1'], /--boot-timeout/],
  [['--data-dir', `/tmp/${'long/'.repeat(30)}`], /^tidemark: --data-dir .* at most 90 bytes/m],
] as const) {
  test(`the setting ${setting.join(' ').slice(0, 40)} is refused in a sentence`, async () => {
    const { status, stderr } = await run(process.execPath, [
      join(ROOT, 'bin', 'tidemark.js'),
      'server',
      ...setting,
    ])
    assert.equal(status, 2, stderr)
    assert.match(stderr, sentence)
  })
}

test('the environment may hold the settings', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-env-'))
  const environment = { TIDEMARK_DATA_DIR: directory, TIDEMARK_PORT: 'nonsense' }
  const { status, stderr } = await run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), 'server'], {
    environment,
  })
  assert.equal(status, 2)
  assert.match(stderr, /TIDEMARK_PORT/)
  await rm(directory, { recursive: true })
})

test('git requests that make no sense are answered, and harm nothing', async () => {
  await using platform = await startPlatform({ environment: { TIDEMARK_START_GRACE: '0.2' } })
  const app = await TestApp.create(platform, 'sturdy')
  const authorization = `Basic ${Buffer.from(`x:${platform.token}`).toString('base64')}`
  const { port } = new URL(platform.endpoints.api)
  const ask = async (path: string, headers: Record<string, string>, body: string) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers: { authorization, ...headers },
    })
    sent.end(body)
    const [response] = await once(sent, 'response', { signal: AbortSignal.timeout(60_000) })
    response.resume()
    await once(response, 'close')
    return response.statusCode as number
  }
  const push = `/${app.name}.git/git-receive-pack`
  assert.equal(await ask(push, {}, 'no packet line'), 200)
  assert.equal(await ask(push, { 'content-encoding': 'gzip' }, 'not gzip'), 200)
  assert.equal(await ask(`/${app.name}.git/git-upload-pack`, { 'content-encoding': 'gzip' }, 'nor this'), 200)
  assert.equal(await ask(`/${app.name}.git/objects/info/packs`, {}, ''), 404)
  assert.equal(await ask('/..%2f..%2fetc.git/git-receive-pack', {}, ''), 404)
  await using repository = await TestRepository.of('moody')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
})

test('a disk that fills up during a build leaves nothing half', async t => {
  const dataDir = await smallDisk(t)
  if (dataDir === undefined) return
  await using platform = await startPlatform({ dataDir, environment: { TIDEMARK_START_GRACE: '0.2' } })
  const app = await TestApp.create(platform, 'full')
  await using repository = await TestRepository.of('moody')
  await repository.write(
    'package.json',
    JSON.stringify({ name: 'full', scripts: { build: 'head -c 100m /dev/urandom > ballast' } }),
  )
  await repository.commit('Fill the disk')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 1, stderr)
  assert.match(stderr, /No space left on device|disk of the platform is full/)
  assert.deepEqual(await readdir(join(dataDir, 'builds')), [])
  await repository.write('package.json', JSON.stringify({ name: 'fits' }))
  await repository.commit('Fit')
  const again = await repository.push(platform, app.name)
  assert.equal(again.status, 0, again.stderr)
  assert.deepEqual(await app.history(), ['v2 succeeded', 'v1 succeeded'])
})

test('a disk that fills up during an upload is said to be full, and nothing of it stays', async t => {
  const dataDir = await smallDisk(t)
  if (dataDir === undefined) return
  await using platform = await startPlatform({ dataDir })
  const app = await TestApp.create(platform, 'full')
  const ballast = await tar([{ name: 'app/ballast', content: Buffer.alloc(100_000_000) }])
  const noise = randomBytes(80_000_000)
  const large = await layer([{ name: 'app/ballast', content: noise }], 'tar')
  for (const [path, body] of [
    ['/slugs', gzipSync(ballast)],
    ['/oci-images', await archive(image([large]))],
    ['/sources', noise],
  ] as const) {
    const made = await app.call('POST', path, path === '/sources' ? {} : { process_types: { web: 'true' } })
    const url = made.body.blob?.url ?? made.body.source_blob.put_url
    const sent = { method: 'PUT', body: new Uint8Array(body), signal: AbortSignal.timeout(60_000) }
    const answer = await fetch(url, sent)
    const { id, message } = (await answer.json()) as { id: string; message: string }
    assert.deepEqual([path, answer.status, id], [path, 503, 'service_unavailable'])
    assert.match(
      message,
      /(is left on the artifact store's disk|disk of the platform is full)\. Free some space/,
    )
  }
  assert.deepEqual(await readdir(join(dataDir, 'artifacts', 'temporary')), [])
  assert.deepEqual(await readdir(join(dataDir, 'artifacts', 'images')), [])
  assert.deepEqual(await readdir(join(dataDir, 'sources')), [])
})

/** An empty data directory on a disk of 60 MB, or undefined where there can be none: then the test is skipped. */
async function smallDisk(t: TestContext): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return void t.skip('Only root can mount a small disk.')
  const disk = await mkdtemp(join(tmpdir(), 'tidemark-disk-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=60m,mode=711', 'tmpfs', disk])
  t.after(async () => {
    if (mounted.status === 0) await run('umount', ['--lazy', disk])
    await rm(disk, { recursive: true, force: true })
  })
  if (mounted.status !== 0) return void t.skip(`No small disk can be mounted here: ${mounted.stderr}`)
  const dataDir = join(disk, 'data')
  await mkdir(dataDir)
  return dataDir
}
