import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { BuildFailure } from '../../src/build/builder.ts'
import { probe } from '../../src/sandbox/probe.ts'
import { BuildBench, type BuildCase, type Built } from '../support/build-bench.ts'

let bench: BuildBench
let layout: string

before(async () => {
  layout = await mkdtemp(join(tmpdir(), 'tidemark-sandbox-'))
  bench = await BuildBench.open(
    await probe({ directory: layout, extraReadOnly: [dirname(process.execPath)] }),
  )
})
after(async () => {
  await bench.close()
  await rm(layout, { recursive: true, force: true })
})

async function failure(given: BuildCase): Promise<string> {
  const error: unknown = await bench.build(given).then(
    () => assert.fail('it was built'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof BuildFailure, String(error instanceof Error ? error.stack : error))
  return error.message
}

describe('Node.js buildpack', () => {
  it('installs what the lock file says, without development dependencies, and starts with npm', async () => {
    const { result, output, layers } = await bench.build({ source: 'node-deps' })
    assert.equal(result.buildpackDescription, 'Node.js')
    assert.equal(result.stack, 'tidemark-1')
    assert.deepEqual(result.processTypes, { web: 'npm start' })
    assert.match(output, / {7}Using Node\.js v24\.\d+\.\d+ of this machine\n/)
    assert.match(output, / {7}Installing dependencies as package-lock\.json says \(npm ci\)\n/)
    const modules = join(layers.at(-2) ?? '', 'app/node_modules')
    assert.match(await readFile(join(modules, 'ms/package.json'), 'utf8'), /"version": "2\.1\.3"/)
    await assert.rejects(stat(join(modules, 'isexe')), { code: 'ENOENT' })
  })

  it('takes node_modules from the cache when nothing they depend on has changed: the layer stays the same', async () => {
    const before = await bench.build({ source: 'node-deps' })
    const after = await bench.build({ source: 'node-deps', config: { GREETING: 'other' } })
    assert.match(after.output, /Restoring cache/)
    assert.equal(after.result.digest, before.result.digest)
    const other = await bench.build({ source: 'node-deps', config: { NODE_ENV: 'staging' } })
    assert.doesNotMatch(other.output, /Restoring cache|npm prune/)
    assert.ok((await stat(join(other.layers.at(-2) ?? '', 'app/node_modules/isexe'))).isDirectory())
  })

  it('runs build scripts with config vars, before development dependencies go', async () => {
    const scripts = {
      'heroku-prebuild': 'echo pre > order',
      build: 'node -e "require(\'isexe\')" && echo "$GREETING ${GIT_DIR:-unset}" >> order',
      'heroku-cleanup': 'echo cleanup >> order',
    }
    const source = await filesOf('node-deps', { scripts })
    for (const turn of ['first', 'from the cache']) {
      const { layers } = await bench.build({ source, config: { GREETING: 'hello', GIT_DIR: '/elsewhere' } })
      const modules = join(layers.at(-2) ?? '', 'app/node_modules')
      assert.equal(
        await readFile(join(layers.at(-1) ?? '', 'app/order'), 'utf8'),
        'pre\nhello unset\ncleanup\n',
        turn,
      )
      await assert.rejects(stat(join(modules, 'isexe')), { code: 'ENOENT' })
    }
  })

  it('does without a lock file, but says so', async () => {
    const { output } = await bench.build({ source: { 'package.json': '{"name":"bare"}', 'server.js': '' } })
    assert.match(output, / ! {5}There is no package-lock\.json/)
    assert.match(output, /Default types for buildpack -> web\n/)
  })

  it('fails in sentences', async () => {
    assert.equal(await failure({ source: 'failing-build' }), 'Push rejected, failed to compile Node.js app.')
    assert.match(bench.output, / {7}Building, until it fails\n/)
    await failure({ source: { 'package.json': '{"name":' } })
    assert.match(bench.output, / ! {5}package\.json cannot be read/)
    await failure({ source: { 'package.json': '{"engines":{"node":">=9000"}}' } })
    assert.match(
      bench.output,
      / ! {5}Node\.js >=9000 \(engines\.node\) is neither on this machine nor could it be installed/,
    )
  })

  it('heeds engines.node as far as the machine goes', async () => {
    const { output } = await bench.build({
      source: { 'package.json': '{"engines":{"node":">=24 <25"}}', 'server.js': '' },
    })
    assert.match(output, /Using Node\.js v24\S+ of this machine, which satisfies engines\.node: >=24 <25\n/)
  })

  it('makes apps that run', async () => {
    const { layers } = await bench.build({ source: 'hello-node' })
    await using app = await run(layers, 'node server.js', { GREETING: 'ahoy', HEROKU_RELEASE_VERSION: 'v7' })
    assert.equal(await (await fetch(app.url)).text(), 'Hello from v7: ahoy\n')
    assert.equal(await app.stop(), 0)
  })
})

describe('static buildpack', () => {
  let built: Built
  before(async () => {
    built = await bench.build({ source: 'static-site' })
  })

  it('serves the site: types, tags, directories, HEAD', async () => {
    assert.deepEqual(built.result.processTypes, { web: 'node .heroku/static/server.mjs' })
    await using app = await run(built.layers, 'node .heroku/static/server.mjs', {})
    const page = await fetch(app.url)
    assert.match(await page.text(), /High water/)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    const known = await fetch(app.url, { headers: { 'If-None-Match': page.headers.get('etag') ?? '' } })
    assert.equal(known.status, 304)
    const head = await fetch(`${app.url}/style.css`, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '24', ''])
    const moved = await fetch(`${app.url}/about?x=1`, { redirect: 'manual' })
    assert.deepEqual([moved.status, moved.headers.get('location')], [301, '/about/?x=1'])
    assert.match(await (await fetch(`${app.url}/about/`)).text(), /About tides/)
    assert.equal((await fetch(app.url, { method: 'POST' })).status, 405)
    assert.equal(await app.stop(), 0)
  })

  it('serves nothing else', async () => {
    await using app = await run(built.layers, 'node .heroku/static/server.mjs', {})
    for (const path of [
      '/none',
      '/.heroku/static/server.mjs',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/etc/passwd',
      '/%00',
      '/%zz',
    ]) {
      assert.equal((await fetch(app.url + path)).status, 404, path)
    }
  })
})

/** The files of a fixture app, with some fields of its package.json changed. */
async function filesOf(app: string, fields: Record<string, unknown>): Promise<Record<string, string>> {
  const read = (name: string) => readFile(join(import.meta.dirname, '../fixtures/apps', app, name), 'utf8')
  const manifest = { ...JSON.parse(await read('package.json')), ...fields }
  return { 'package.json': JSON.stringify(manifest), 'package-lock.json': await read('package-lock.json') }
}

interface RunningApp extends AsyncDisposable {
  url: string
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>
}

/** Runs a command of a built app the way a dyno does: layers on top of each other, profile scripts first. */
async function run(
  layers: readonly string[],
  command: string,
  environment: Record<string, string>,
): Promise<RunningApp> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-app-'))
  for (const layer of layers) await cp(join(layer, 'app'), home, { recursive: true, verbatimSymlinks: true })
  const port = await freePort()
  const script = `for f in "$HOME"/.profile.d/*.sh; do [ -r "$f" ] && . "$f"; done; exec ${command}`
  const env = { ...environment, HOME: home, PATH: '/usr/bin:/bin', PORT: String(port) }
  const child = spawn('bash', ['-c', script], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(createInterface(child.stdout), 'line')
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => stopped(child),
    async [Symbol.asyncDispose]() {
      await stopped(child)
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function stopped(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return child.exitCode
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : assert.fail('no port')
}
