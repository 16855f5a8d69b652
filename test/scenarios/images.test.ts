import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { descriptor, image, layer, layout } from '../contracts/image-archive.ts'
import { call, TestApp } from '../support/app.ts'
import { ROOT, startPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const platform = owned.use(await startPlatform())
const directory = await mkdtemp(join(tmpdir(), 'tidemark-images-'))
owned.defer(() => rm(directory, { recursive: true, force: true }))
const environment = { TIDEMARK_DATA_DIR: platform.dataDir, HOME: directory }

function tidemark(...args: string[]) {
  return run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), ...args], { cwd: directory, environment })
}

async function deployed(name: string): Promise<TestApp> {
  await using repository = await TestRepository.of('hello-node')
  const app = await TestApp.create(platform, name)
  assert.equal((await repository.push(platform, name)).status, 0)
  return app
}

/** The gzipped tar of an app's files below ./app, as "Creating slugs from scratch" has it. */
async function slugOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const place = await mkdtemp(join(directory, 'slug-'))
  await mkdir(join(place, 'app'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(place, 'app', name), text)
  await run('tar', ['-C', place, '-czf', join(place, 'slug.tgz'), './app'])
  return readFile(join(place, 'slug.tgz'))
}

function put(url: string, body: Buffer): Promise<Response> {
  return fetch(url, { method: 'PUT', body: new Uint8Array(body), signal: AbortSignal.timeout(60_000) })
}

const SERVER = `require('node:http').createServer((_, response) => response.end('from a slug')).listen(process.env.PORT)`

suite('slugs and images from outside', { concurrency: 2 }, () => {
  test('a slug is made, sent, and released; twice is refused', async () => {
    const app = await TestApp.create(platform, 'slugged')
    const archive = await slugOf({ 'server.js': SERVER })
    const checksum = `SHA256:${createHash('sha256').update(archive).digest('hex')}`
    const process_types = { web: 'node server.js' }
    const made = await app.call('POST', '/slugs', {
      process_types,
      checksum,
      commit: 'abc',
      commit_description: 'by hand',
    })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.equal(made.body.blob.method, 'put')
    assert.equal(
      (await app.call('POST', '/releases', { slug: made.body.id })).status,
      404,
      'its bytes are not there',
    )
    assert.equal((await put(made.body.blob.url, archive)).status, 200)
    assert.equal((await put(made.body.blob.url, archive)).status, 404)
    const slug = await app.call('GET', `/slugs/${made.body.id}`)
    assert.deepEqual([slug.body.commit, slug.body.process_types], ['abc', process_types])
    const release = await app.call('POST', '/releases', { slug: made.body.id, description: 'The first slug' })
    assert.equal(release.status, 201, JSON.stringify(release.body))
    await app.becomes(2, 'succeeded')
    assert.equal((await app.visit()).text, 'from a slug')
  })

  test('what is not what it is said to be is refused, and nothing of it kept', async () => {
    const app = await TestApp.create(platform, 'refusing')
    const archive = await slugOf({ 'server.js': SERVER })
    const process_types = { web: 'node server.js' }
    const wrong = await app.call('POST', '/slugs', { process_types, checksum: `SHA256:${'0'.repeat(64)}` })
    const answer = await put(wrong.body.blob.url, archive)
    assert.equal(answer.status, 422)
    assert.match(
      ((await answer.json()) as { message: string }).message,
      /has the checksum SHA256:[0-9a-f]{64}, not SHA256:0000/,
    )
    const torn = await app.call('POST', '/slugs', { process_types })
    assert.equal((await put(torn.body.blob.url, archive.subarray(0, archive.length - 20))).status, 422)
    assert.equal((await put(torn.body.blob.url, Buffer.from('no archive'))).status, 422)
    const odd = await app.call('POST', '/slugs', { process_types: { 'no type': 'x' } })
    assert.deepEqual([odd.status, odd.body.id], [422, 'invalid_params'])
    const empty = await app.call('POST', '/oci-images', {})
    assert.equal((await put(empty.body.blob.url, archive)).status, 422)
    assert.equal((await app.call('POST', '/releases', { oci_image: empty.body.id })).status, 404)
    assert.equal((await put(`${empty.body.blob.url}x`, archive)).status, 404, 'the URL is signed')
  })

  test('what is wrong is said at once, however much of the upload is still to come', async () => {
    const app = await TestApp.create(platform, 'damaged')
    const made = await app.call('POST', '/oci-images', { process_types: { web: 'node server.js' } })
    const [first, second] = [
      await layer([{ name: 'app/a', content: 'a' }]),
      await layer([{ name: 'app/b', content: randomBytes(20_000_000) }], 'tar'),
    ]
    const damaged = { ...first, bytes: randomBytes(first.size) }
    const { config, manifest } = image([first, second])
    const archive = await layout([damaged, second, config, manifest], [descriptor(manifest)])
    const answer = await put(made.body.blob.url, archive)
    assert.deepEqual([answer.status, (await answer.text()).includes('is damaged')], [422, true])
  })

  test('an image is pulled from one app and pushed to another, with its process types', async () => {
    const from = await deployed('source')
    const to = await TestApp.create(platform, 'target')
    const file = join(directory, 'image.tar')
    const pulled = await tidemark('images:pull', '--app', from.name, '--output', file)
    assert.equal(pulled.status, 0, pulled.stderr)
    const pushed = await tidemark('images:push', file, '--app', to.name, '--json')
    assert.equal(pushed.status, 0, pushed.stderr)
    const release = JSON.parse(pushed.stdout)
    assert.deepEqual(
      [release.status, release.artifacts[0].type, release.slug],
      ['succeeded', 'oci-image', null],
    )
    assert.match((await to.visit()).text, /^Hello from v2/)
    const digests = await Promise.all(
      [from, to].map(async app => {
        const [artifact] = (await app.releases()).at(-1)?.artifacts ?? []
        return (await app.call('GET', `/oci-images/${artifact?.id}`)).body[0].digest
      }),
    )
    assert.equal(digests[0], digests[1], 'the very same image')
    for (const app of [from, to]) {
      const { body } = await call(platform, { path: `/disk?app=${app.name}` })
      assert.equal(body.apps[0].releases.own, 0, 'the other app needs all of it')
      assert.ok(body.apps[0].releases.shared > 0)
    }
    const unpacked = await mkdtemp(join(directory, 'layout-'))
    await run('tar', ['-C', unpacked, '-xf', file])
    const again = await tidemark(
      'images:push',
      unpacked,
      '--app',
      to.name,
      '--description',
      'From a directory',
    )
    assert.equal(again.status, 0, again.stderr)
    assert.equal((await to.releases()).at(-1)?.description, 'From a directory')
  })

  test('an image that brings a system of its own needs the Docker runtime, and is told so', async () => {
    const app = await TestApp.create(platform, 'foreign')
    const layout = await foreignLayout()
    const { status, stderr } = await tidemark('images:push', layout, '--app', app.name)
    assert.equal(status, 2, stderr)
    assert.match(stderr, /brings an operating system of its own/)
    assert.deepEqual(await app.history(), ['v1 succeeded'])
  })
})

/** An image as other tools make them: a layer with no /app, and an entry point. */
async function foreignLayout(): Promise<string> {
  const layout = await mkdtemp(join(directory, 'foreign-'))
  const blobs = join(layout, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  await writeFile(join(layout, 'hello'), 'hello\n')
  await run('tar', ['-C', layout, '-cf', join(layout, 'layer.tar'), 'hello'])
  const store = async (content: Buffer) => {
    const digest = createHash('sha256').update(content).digest('hex')
    await writeFile(join(blobs, digest), content)
    return { digest: `sha256:${digest}`, size: content.length }
  }
  const json = (value: unknown) => store(Buffer.from(JSON.stringify(value)))
  const layer = await store(await readFile(join(layout, 'layer.tar')))
  const oci = 'application/vnd.oci.image'
  const config = await json({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/hello'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = await json({
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: { mediaType: `${oci}.config.v1+json`, ...config },
    layers: [{ mediaType: `${oci}.layer.v1.tar`, ...layer }],
  })
  const index = { schemaVersion: 2, manifests: [{ mediaType: `${oci}.manifest.v1+json`, ...manifest }] }
  await writeFile(join(layout, 'index.json'), JSON.stringify(index))
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  for (const name of ['hello', 'layer.tar']) await rm(join(layout, name))
  return layout
}
