import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import {
  type DockerDriver,
  type DockerDriverOptions,
  openDockerDriver,
} from '../../src/runtime/drivers/docker/driver.ts'
import { installStack, removePlatform, STACK_IMAGE, testEngine } from '../support/docker.ts'
import { type DriverWorld, describeDriver } from './driver.ts'

const { skip } = await testEngine()

interface DockerWorld extends DriverWorld {
  driver: DockerDriver
  options: DockerDriverOptions
}

async function world(t: TestContext, changes: Partial<DockerDriverOptions> = {}): Promise<DockerWorld> {
  const engine = await installStack()
  const home = await mkdtemp(join(tmpdir(), 'tidemark-docker-'))
  const platform = randomBytes(8).toString('hex')
  const options: DockerDriverOptions = {
    directory: join(home, 'driver'),
    platform,
    stackImage: () => STACK_IMAGE,
    layers: async digest => [await existing(join(home, digest))],
    identity: () => ({ uid: 700_001, gid: 700_001 }),
    ...changes,
  }
  let images = 0
  let current = await openDockerDriver(options)
  t.after(async () => {
    current.disconnect()
    await removePlatform(engine, platform)
    await rm(home, { recursive: true, force: true })
  })
  return {
    driver: current,
    options,
    restart: async () => {
      current.disconnect()
      current = await openDockerDriver(options)
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

if (skip !== undefined) describe('docker driver', { skip }, () => test('is put to the test'))
else describeDriver('docker driver', world)
