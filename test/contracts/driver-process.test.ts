import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  openProcessDriver,
  type ProcessDriver,
  type ProcessDriverOptions,
} from '../../src/runtime/drivers/process/driver.ts'
import { eventually } from '../support/eventually.ts'
import { type DriverWorld, describeDriver, get, hasExited, SERVER, spec, textsOf, until } from './driver.ts'

const isRoot = process.getuid?.() === 0
const CONTROL_PLANE = fileURLToPath(new URL('driver-control-plane.fixture.ts', import.meta.url))

interface ProcessWorld extends DriverWorld {
  driver: ProcessDriver
  directory: string
  options: ProcessDriverOptions
}

async function world(t: TestContext): Promise<ProcessWorld> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-driver-'))
  await chmod(home, 0o700)
  const options: ProcessDriverOptions = {
    directory: join(home, 'host'),
    layers: async digest => [await existing(join(home, digest))],
    identity: () => (isRoot ? { uid: 700_001, gid: 700_001 } : null),
    visible: [],
    path: [dirname(process.execPath)],
  }
  let images = 0
  let current = await openProcessDriver(options)
  t.after(async () => {
    current.disconnect()
    const last = await openProcessDriver(options)
    await last.close(0)
    await rm(home, { recursive: true, force: true })
  })
  return {
    driver: current,
    directory: options.directory,
    options,
    restart: async () => {
      current.disconnect()
      current = await openProcessDriver(options)
      return current
    },
    image: async files => {
      const digest = `image-${++images}`
      await mkdir(join(home, digest, 'app'), { recursive: true })
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(home, digest, 'app', path)), { recursive: true })
        await writeFile(join(home, digest, 'app', path), content)
      }
      return digest
    },
  }
}

async function existing(path: string): Promise<string> {
  await readdir(path)
  return path
}

describeDriver('process driver', world)

describe('process driver: safety', () => {
  test('a config var is in no argument list and in no file', async t => {
    const { driver, image, directory } = await world(t)
    const secret = `sealed-${process.pid}-value`
    const one = spec(await image({}), 'echo "${#KEY}"; sleep 60', { environment: { KEY: secret } })
    await driver.start(one)
    await textsOf(driver, one, text => text === String(secret.length))
    assert.deepEqual(await processesWith(secret), [])
    for (const path of await filesBelow(directory))
      assert.ok(!(await readFile(path, 'latin1')).includes(secret), path)
  })

  test('a dyno’s files are gone from the disk when it has exited', async t => {
    const { driver, image, directory } = await world(t)
    const one = spec(await image({}), 'mkdir -m 0 locked; echo x > file; echo x > /tmp/x')
    await driver.start(one)
    await until(driver, one.id, hasExited)
    assert.deepEqual(await readdir(join(directory, 'files')), [])
    await driver.close(0)
    assert.deepEqual(await readdir(join(directory, 'trash')), [])
  })

  test('a dyno sees nothing of the platform’s directory', async t => {
    const { driver, image, directory } = await world(t)
    const one = spec(await image({}), `ls ${directory} || echo nothing there`, { kind: 'run' })
    await driver.start(one)
    assert.ok(
      (await textsOf(driver, one, text => text.startsWith('Process exited'))).includes('nothing there'),
    )
  })

  test('an image that brings a system of its own is refused, with what would run it', async t => {
    const { driver, image } = await world(t)
    const one = spec(await image({}), 'true', { environment: { STACK: 'container' } })
    await driver.start(one)
    const { fault, exitStatus } = await until(driver, one.id, hasExited)
    assert.equal(exitStatus, null)
    assert.match(fault ?? '', /brings an operating system of its own.*TIDEMARK_RUNTIME=docker/)
  })

  test('an id that could lead out of the directory is refused', async t => {
    const { driver, image } = await world(t)
    await assert.rejects(
      driver.start(spec(await image({}), 'true', { id: '../x' })),
      /letters, digits and dashes/,
    )
  })
})

describe('process driver: kills', () => {
  test('a control plane that is killed costs no dyno and no line', async t => {
    const { driver, image, options, restart } = await world(t)
    const one = spec(
      await image({ 'server.js': `${SERVER}\nlet n = 0; setInterval(() => console.log(++n), 20)` }),
      'node server.js',
      { listens: true },
    )
    driver.disconnect()
    const plane = spawn(process.execPath, [CONTROL_PLANE], { stdio: ['pipe', 'pipe', 'inherit'] })
    plane.stdin?.write(
      `${JSON.stringify({ options: { ...options, layers: await options.layers(one.image, AbortSignal.abort()) }, one })}\n`,
    )
    const first: string[] = []
    for await (const text of createInterface({
      input: plane.stdout as NonNullable<ChildProcess['stdout']>,
    })) {
      first.push(text)
      if (text === '10') plane.kill('SIGKILL')
    }
    const next = await restart()
    const adopted = await until(next, one.id, dyno => dyno.isListening)
    assert.match(await get(adopted.address ?? ''), /hello/)
    const rest = await textsOf(next, one, text => Number(text) >= 60)
    const numbers = [...new Set([...first, ...rest].filter(text => /^\d+$/.test(text)).map(Number))]
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => index + 1),
    )
  })

  test('a host that is killed leaves no dyno behind: the next one ends and reports them', async t => {
    const { driver, image, directory } = await world(t)
    const marker = `${process.pid}.125`
    const one = spec(await image({}), `setsid sleep ${marker} & sleep ${marker}`)
    await driver.start(one)
    await until(driver, one.id, dyno => dyno.state === 'running')
    await eventually(
      'both run',
      async () => (await processesWith(`sleep\0${marker}`)).length === 2 || undefined,
    )
    process.kill(await hostPid(directory), 'SIGKILL')
    const exited = await until(driver, one.id, hasExited)
    assert.equal(exited.exitStatus, 137)
    assert.deepEqual(await processesWith(`sleep\0${marker}`), [])
    assert.deepEqual(await readdir(join(directory, 'files')), [])
    await driver.start(one)
    assert.equal((await driver.list()).find(({ id }) => id === one.id)?.state, 'exited')
  })

  test('a host asked to end by SIGTERM ends its dynos first', async t => {
    const { driver, image, directory } = await world(t)
    const marker = `${process.pid}.250`
    const one = spec(await image({}), `sleep ${marker}`)
    await driver.start(one)
    await eventually(
      'one is left',
      async () => (await processesWith(`sleep\0${marker}`)).length === 1 || undefined,
    )
    process.kill(await hostPid(directory), 'SIGTERM')
    assert.equal((await until(driver, one.id, hasExited)).exitStatus, 143)
    assert.deepEqual(await processesWith(`sleep\0${marker}`), [])
  })
})

/** Numbers of the processes whose arguments hold `text`. */
async function processesWith(text: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    const cmdline = /^\d+$/.test(name)
      ? await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')
      : ''
    if (cmdline.includes(text)) found.push(Number(name))
  }
  return found
}

/** Directories that may not be read are overlayfs's own, and empty. */
async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const below = await Promise.all(
    entries.map(entry => (entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [])),
  )
  return [
    ...below.flat(),
    ...entries.filter(entry => entry.isFile()).map(entry => join(directory, entry.name)),
  ]
}

async function hostPid(directory: string): Promise<number> {
  const found = await processesWith(`{"directory":"${directory}"`)
  assert.equal(found.length, 1)
  return found[0] as number
}
