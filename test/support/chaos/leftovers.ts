import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { TestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import type { TestPlatform } from '../platform.ts'
import { processRuntime } from './process-runtime.ts'
import type { ChaosRuntime } from './runtime.ts'

const PATIENCE = 120_000
/** Between two looks: the API answers an account only so often in an hour. */
const PAUSE = 250

/** Waits until nothing is under way and only what ought to run does; throws what is left when it does not come to that. */
export async function settled(
  platform: TestPlatform,
  apps: readonly TestApp[],
  runtime: ChaosRuntime = processRuntime,
): Promise<void> {
  await eventually(
    'everything settled',
    async () => {
      await after(PAUSE)
      for (const app of apps) await assertEnded(app)
      const dynos = (await Promise.all(apps.map(app => app.dynos()))).flat()
      await runtime.assertRuns(platform, dynos)
      assert.deepEqual(await leftFiles(platform.dataDir), [])
      return true
    },
    PATIENCE,
  )
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

/** Files that only work in progress may have. */
async function leftFiles(dataDir: string): Promise<string[]> {
  const list = async (...path: string[]) =>
    (await readdir(join(dataDir, ...path))).map(name => join(...path, name))
  const repositories = (await readdir(join(dataDir, 'git'))).map(name => join('git', name))
  const objects = await Promise.all(repositories.map(name => list(name, 'objects')))
  return [
    ...(await list('builds')),
    ...(await list('artifacts', 'temporary')),
    ...(await list('transcripts')).filter(path => !path.endsWith('.done')),
    ...(await list('.')).filter(path => path.endsWith('.new')),
    ...objects.flat().filter(path => /\/(tmp_|incoming)/.test(path)),
    ...repositories.filter(name => !name.endsWith('.git')),
  ]
}
