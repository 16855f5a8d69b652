import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { TestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import type { TestPlatform } from '../platform.ts'
import { processesOf } from './processes.ts'

const PATIENCE = 120_000
/** Between two looks: the API answers an account only so often in an hour. */
const PAUSE = 250

/** Waits until nothing is under way and only what ought to run does; throws what is left when it does not come to that. */
export async function settled(platform: TestPlatform, apps: readonly TestApp[]): Promise<void> {
  await eventually(
    'everything settled',
    async () => {
      await after(PAUSE)
      for (const app of apps) await assertEnded(app)
      const dynos = (await Promise.all(apps.map(app => app.dynos()))).flat()
      assertProcesses(platform.dataDir, dynos.length)
      assert.deepEqual(await leftFiles(platform.dataDir, dynos), [])
      return true
    },
    PATIENCE,
  )
}

/** Holds a stopped platform to having left no process, no mount and no dyno's files. */
export async function assertNothingRuns({ dataDir }: TestPlatform): Promise<void> {
  assert.deepEqual(processesOf(dataDir), [])
  assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(dataDir), 'a mount is left')
  assert.deepEqual(await readdir(join(dataDir, 'dynos', 'files')), [])
}

async function assertEnded(app: TestApp): Promise<void> {
  const releases = await app.releases()
  assert.deepEqual(
    releases.filter(({ status }) => status === 'pending').map(({ version }) => version),
    [],
    'releases still pending',
  )
  const { body: builds } = await app.call('GET', '/builds')
  assert.deepEqual(
    builds.filter(({ status }: { status: string }) => status === 'pending'),
    [],
    'builds still pending',
  )
  const current = releases.find(release => release.current)?.version
  const dynos = await app.dynos()
  assert.deepEqual(
    dynos.filter(({ state, release }) => state !== 'up' || release.version !== current),
    [],
    'dynos that are not those of the current release',
  )
}

/** The control plane, the dyno host, the router, and one session of processes for each dyno. */
function assertProcesses(dataDir: string, dynos: number): void {
  const processes = processesOf(dataDir)
  const parts = processes.filter(({ isConfined }) => !isConfined)
  assert.equal(parts.length, 3, parts.map(({ command }) => command).join('\n'))
  for (const main of ['tidemark.js server', 'host/main.', 'router/main.'])
    assert.equal(parts.filter(({ command }) => command.includes(main)).length, 1, main)
  const confined = processes.filter(({ isConfined }) => isConfined)
  assert.equal(new Set(confined.map(({ session }) => session)).size, dynos, JSON.stringify(confined))
}

/** Files that only work in progress may have, and those of dynos that are gone. */
async function leftFiles(dataDir: string, dynos: readonly { id: string }[]): Promise<string[]> {
  const list = async (...path: string[]) =>
    (await readdir(join(dataDir, ...path))).map(name => join(...path, name))
  const running = dynos.map(({ id }) => join('dynos', 'files', id))
  const repositories = (await readdir(join(dataDir, 'git'))).map(name => join('git', name))
  const objects = await Promise.all(repositories.map(name => list(name, 'objects')))
  return [
    ...(await list('builds')),
    ...(await list('artifacts', 'temporary')),
    ...(await list('dynos', 'trash')),
    ...(await list('dynos', 'files')).filter(path => !running.includes(path)),
    ...(await list('transcripts')).filter(path => !path.endsWith('.done')),
    ...(await list('.')).filter(path => path.endsWith('.new')),
    ...objects.flat().filter(path => /\/(tmp_|incoming)/.test(path)),
    ...repositories.filter(name => !name.endsWith('.git')),
  ]
}
