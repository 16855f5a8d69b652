import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type Docker from 'dockerode'
import type { Driver, DynoLine, DynoSpec } from '../../src/runtime/driver.ts'
import {
  type DockerDriver,
  type DockerDriverOptions,
  openDockerDriver,
} from '../../src/runtime/drivers/docker/driver.ts'
import { installStack, removePlatform, STACK_IMAGE } from '../support/docker.ts'
import type { DriverWorld } from './driver.ts'

const LIMIT = 60_000

export interface DockerWorld extends DriverWorld {
  driver: DockerDriver
  engine: Docker
  options: DockerDriverOptions
}

/** A Docker driver of a platform of its own, in the machine's engine or the one `changes` name. */
export async function world(
  t: TestContext,
  changes: Partial<DockerDriverOptions> = {},
): Promise<DockerWorld> {
  const engine = await installStack(changes.socket)
  const home = await mkdtemp(join(tmpdir(), 'tidemark-docker-'))
  const platform = randomBytes(8).toString('hex')
  const options: DockerDriverOptions = {
    directory: join(home, 'driver'),
    platform,
    key: Buffer.from(platform),
    stackImage: () => STACK_IMAGE,
    pauseImage: STACK_IMAGE,
    layers: async digest => [await existing(join(home, digest))],
    archive: () => assert.fail('no image of this test brings a system of its own'),
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
    engine,
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

/** The lines of a dyno that nobody has taken yet, up to the one `isLast` says. */
export async function linesUntil(
  driver: Driver,
  { id }: Pick<DynoSpec, 'id'>,
  isLast: (text: string) => boolean,
): Promise<DynoLine[]> {
  const lines: DynoLine[] = []
  for await (const batch of driver.logs(AbortSignal.timeout(LIMIT))) {
    lines.push(...batch.lines.filter(({ dyno }) => dyno?.id === id))
    batch.ack()
    if (lines.some(({ line }) => isLast(line.text))) return lines
  }
  throw new Error(`The line waited for did not come:\n${lines.map(({ line }) => line.text).join('\n')}`)
}

/** What a dyno prints, from the beginning to its end. */
export async function outputOf(driver: Driver, one: DynoSpec): Promise<string[]> {
  await driver.start(one)
  const lines = await linesUntil(driver, one, text => text.startsWith('State changed from up to'))
  return lines.flatMap(({ line }) => (line.source === 'app' ? [line.text] : []))
}

export async function inspected(
  engine: Docker,
  { id }: Pick<DynoSpec, 'id'>,
): Promise<Docker.ContainerInspectInfo> {
  const filters = { label: [`tidemark.dyno=${id}`] }
  const [found] = await engine.listContainers({ all: true, filters })
  return engine.getContainer(found?.Id ?? '').inspect()
}

/** Takes more memory than a container of the smallest size may have. */
export const EAT = 'head -c 2G /dev/zero | tail > /dev/null'

/** Resolves when the engine has ended a process of a container for want of memory. */
export async function oomOf(engine: Docker, { id }: Docker.Container): Promise<void> {
  const filters = { container: [id], event: ['oom'] }
  const events = await engine.getEvents({ filters, since: 1 })
  for await (const _ of events) return
}
