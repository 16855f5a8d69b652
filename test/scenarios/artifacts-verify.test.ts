import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { call, TestApp } from '../support/app.ts'
import { ROOT, startPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const platform = owned.use(await startPlatform())
const directory = await mkdtemp(join(tmpdir(), 'tidemark-verify-'))
owned.defer(() => rm(directory, { recursive: true, force: true }))

function tidemark(...args: string[]) {
  const environment = { TIDEMARK_DATA_DIR: platform.dataDir, HOME: directory }
  return run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), ...args], { cwd: directory, environment })
}

function blob(digest: string): string {
  return join(platform.dataDir, 'artifacts', 'blobs', 'sha256', digest.replace('sha256:', ''))
}

/** The image of a release: its id, its digest, and those of its layers. */
async function imageOf(app: TestApp, version: number) {
  const release = (await app.releases()).find(found => found.version === version)
  const id = release?.artifacts[0]?.id ?? ''
  const { digest } = (await app.call('GET', `/oci-images/${id}`)).body[0]
  const { layers } = JSON.parse(await readFile(blob(digest), 'utf8')) as { layers: { digest: string }[] }
  return { id, digest: digest as string, layers: layers.map(layer => layer.digest) }
}

/** v2 and v3 are of one commit, v4 of another. */
async function deployed(name: string): Promise<TestApp> {
  await using repository = await TestRepository.of('hello-node')
  const app = await TestApp.create(platform, name)
  assert.equal((await repository.push(platform, name)).status, 0)
  await app.setConfig({ GREETING: 'hi' })
  await app.becomes(3, 'succeeded')
  await repository.write('version.txt', '4')
  await repository.commit('Second')
  assert.equal((await repository.push(platform, name)).status, 0)
  return app
}

suite('artifacts:verify', () => {
  test('what was damaged or removed on disk is told, with the releases it is the code of', async () => {
    const app = await deployed('damaged')
    const sound = await tidemark('artifacts:verify', '--app', app.name)
    assert.equal(sound.status, 0, sound.stderr)
    assert.match(sound.stderr, /^Verifying the code of v4 \(1 of 2\)\.\.\. done\n/)
    const [first, last] = [await imageOf(app, 2), await imageOf(app, 4)]
    const rows = [`${last.digest.slice(7, 19)}  v4        ok`, `${first.digest.slice(7, 19)}  v3-v2     ok`]
    assert.deepEqual(sound.stdout.trimEnd().split('\n').slice(2), rows)

    const file = join(directory, 'image.tar')
    assert.equal((await tidemark('images:pull', 'v2', '--app', app.name, '--output', file)).status, 0)
    const layer = first.layers.find(digest => !last.layers.includes(digest)) ?? ''
    const bytes = await readFile(blob(layer))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await writeFile(blob(layer), bytes)
    const flipped = await tidemark('artifacts:verify', '--app', app.name)
    assert.equal(flipped.status, 1)
    assert.match(flipped.stdout, new RegExp(`v3-v2     WRONG: Blob ${layer} is damaged`))
    assert.match(flipped.stdout, /v4 {8}ok/)
    assert.match(flipped.stderr, /Something is wrong with the code of v3-v2\./)
    assert.equal((await tidemark('artifacts:verify', 'v4', '--app', app.name)).status, 0)

    await rm(blob(layer))
    const json = await tidemark('artifacts:verify', 'v3', '--app', app.name, '--json')
    assert.equal(json.status, 1)
    assert.deepEqual(JSON.parse(json.stdout), [
      {
        ...{ id: first.id, digest: first.digest, ok: false, repaired: false },
        ...{ faults: [`Blob ${layer} is missing.`], runtime_fault: null, releases: [3, 2] },
      },
    ])

    const pushed = await tidemark('images:push', file, '--app', app.name, '--no-release')
    assert.equal(pushed.status, 0, pushed.stderr)
    const back = await tidemark('artifacts:verify', '--app', app.name)
    assert.equal(back.status, 0, 'the same image brings back what was lost')
  })

  test('a release without code, or whose code has expired, is told so', async () => {
    const app = await deployed('expiring')
    const empty = await tidemark('artifacts:verify', 'v1', '--app', app.name)
    assert.deepEqual([empty.status, empty.stdout], [1, ''])
    assert.match(empty.stderr, /v1 has no code/)
    const { id } = await imageOf(app, 2)
    assert.equal((await app.call('PATCH', '/retention-policy', { releases: 1 })).status, 200)
    assert.equal((await app.call('POST', '/actions/sweep', {})).status, 200)
    const gone = await app.call('POST', `/oci-images/${id}/actions/verify`, {})
    assert.deepEqual([gone.status, gone.body.id], [422, 'invalid_params'])
    const expired = await tidemark('artifacts:verify', 'v2', '--app', app.name)
    assert.equal(expired.status, 1)
    assert.match(expired.stderr, /v2 has expired: .*\. There is nothing to verify\./)
    const all = await tidemark('artifacts:verify', '--app', app.name)
    assert.deepEqual([all.status, all.stdout.match(/v\d.*/g)], [0, ['v4        ok']])
  })

  test('nobody else sees the app or its images', async () => {
    const app = await deployed('private')
    const other = await TestApp.create(platform, 'another')
    const { id, digest } = await imageOf(app, 2)
    const account = await call(platform, {
      ...{ method: 'POST', path: '/accounts' },
      body: { email: 'stranger@example.com' },
    })
    assert.equal(account.status, 201, JSON.stringify(account.body))
    const { token } = account.body
    for (const image of [id, digest]) {
      const path = `/apps/${app.name}/oci-images/${image}/actions/verify`
      assert.equal((await call(platform, { method: 'POST', path, body: {} })).status, 200)
      assert.equal((await call(platform, { method: 'POST', path, body: {}, token })).status, 404)
      assert.equal((await other.call('POST', `/oci-images/${image}/actions/verify`, {})).status, 404)
    }
  })
})
