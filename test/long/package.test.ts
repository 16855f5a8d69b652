import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ROOT } from '../support/platform.ts'
import { run } from '../support/repository.ts'

// The package as people install it: compiled, without sources, on a machine that has no checkout.

let place: string
let program: string

before(async () => {
  place = await mkdtemp(join(tmpdir(), 'tidemark-package-'))
  const checkout = join(place, 'checkout')
  // Packing compiles into the checkout, so it is done on a copy.
  for (const part of [
    'bin',
    'src',
    'buildpacks',
    'docs',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
  ]) {
    await cp(join(ROOT, part), join(checkout, part), { recursive: true })
  }
  for (const part of ['node_modules', 'tools']) await symlink(join(ROOT, part), join(checkout, part))
  const packed = await run('npm', ['pack', '--pack-destination', place], { cwd: checkout })
  assert.equal(packed.status, 0, packed.stderr)
  const [tarball = ''] = (await readdir(place)).filter(name => name.endsWith('.tgz'))
  await rm(checkout, { recursive: true })
  const installed = await run(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--prefix',
      place,
      join(place, tarball),
    ],
    { cwd: place },
  )
  assert.equal(installed.status, 0, installed.stderr)
  program = join(place, 'node_modules', 'tidemark', 'bin', 'tidemark.js')
})

after(() => rm(place, { recursive: true, force: true }))

test('an older Node.js is told so in a sentence', async () => {
  const text = await readFile(program, 'utf8')
  const old = text.replaceAll('process.versions.node', "'20.1.0'").replaceAll('process.version', "'v20.1.0'")
  await writeFile(`${program}.old.js`, old)
  const child = spawn(process.execPath, [`${program}.old.js`], { stdio: 'pipe' })
  const [[status], said] = await Promise.all([once(child, 'exit'), textOf(child.stderr)])
  assert.equal(status, 1)
  assert.match(said, /needs Node\.js 24 or newer; this is v20\.1\.0/)
})

test('the installed platform starts, answers and stops', { timeout: 60_000 }, async () => {
  const ports = ['--port', '0', '--tls-port', '0', '--router-port', '0']
  const server = spawn(process.execPath, [program, 'server', '--data-dir', join(place, 'data'), ...ports], {
    stdio: 'pipe',
  })
  const exit = once(server, 'exit')
  let output = ''
  for await (const chunk of server.stdout) {
    output += String(chunk)
    if (output.includes('Ctrl-C stops')) break
  }
  assert.match(output, /Tidemark is running\./)
  const { api } = JSON.parse(await readFile(join(place, 'data', 'endpoints.json'), 'utf8')) as { api: string }
  const health = await fetch(`${api}/health`)
  assert.deepEqual(await health.json(), { status: 'ok' })
  server.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
})

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
