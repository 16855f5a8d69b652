import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { ContainerInfo } from 'dockerode'
import { PLATFORM_LABEL } from '../../../src/docker/engine.ts'
import { holderOf } from '../../../src/runtime/drivers/docker/container-network.ts'
import { PAUSE_LABEL } from '../../../src/runtime/drivers/docker/pause-container.ts'
import { installStack, labelOf, ON_DOCKER, removePlatform } from '../docker.ts'
import type { TestPlatform } from '../platform.ts'
import { processesOf } from './processes.ts'
import type { ChaosRuntime } from './runtime.ts'

/** Dynos are containers of this machine's engine. */
export async function dockerRuntime(): Promise<ChaosRuntime> {
  const engine = await installStack()
  return {
    environment: ON_DOCKER,
    assertRuns: (platform, dynos) => assertRuns(engine, platform, dynos),
    assertNothingRuns: platform => assertNothingRuns(engine, platform),
    remover: async platform => {
      const label = await labelOf(platform)
      return () => removePlatform(engine, label)
    },
  }
}

async function assertRuns(
  engine: Docker,
  platform: TestPlatform,
  dynos: readonly { id: string }[],
): Promise<void> {
  const { dataDir } = platform
  // The control plane and the router: what runs in containers is no process of theirs.
  const processes = processesOf(dataDir).map(({ command }) => command)
  assert.equal(processes.length, 2, processes.join('\n'))

  const ids = dynos.map(({ id }) => id).sort()
  const filters = { label: [`${PLATFORM_LABEL}=${await labelOf(platform)}`] }
  // Containers in which an image was being made have no dyno's id.
  const all = await engine.listContainers({ all: true, filters })
  const { pauses = [], containers = [] } = Object.groupBy(all, ({ Labels }) =>
    Labels[PAUSE_LABEL] === undefined ? 'containers' : 'pauses',
  )
  assertPauses(pauses, containers)
  assert.deepEqual(containers.map(({ Labels }) => Labels['tidemark.dyno'] ?? 'no dyno').sort(), ids)
  const apps = new Set(containers.map(({ Labels }) => Labels['tidemark.app']))
  const networks = await engine.listNetworks({ filters })
  assert.deepEqual(networks.map(({ Labels }) => Labels?.['tidemark.app']).sort(), [...apps].sort())
  await assertImages(engine, filters)

  const records = await readdir(join(dataDir, 'containers', 'dynos'))
  assert.deepEqual(
    records.sort(),
    ids.map(id => `${id}.json`),
  )
  assert.deepEqual(await readdir(join(dataDir, 'containers')), ['dynos'])
}

/** Each holds the network of a dyno, or is the one that waits for the next web dyno of an app. */
function assertPauses(pauses: readonly ContainerInfo[], dynos: readonly ContainerInfo[]): void {
  const holders = dynos.flatMap(({ HostConfig }) => holderOf(HostConfig) ?? [])
  const web = dynos.filter(({ Labels }) => Labels['tidemark.listens'] === 'true')
  const apps = new Set(web.map(({ Labels }) => Labels['tidemark.app']))
  const held = pauses.filter(({ Id }) => holders.includes(Id)).length
  const waiting = pauses.length - held
  assert.deepEqual([held, waiting], [holders.length, apps.size], 'held, and waiting, networks')
  assert.deepEqual(new Set(pauses.map(({ State }) => State)), new Set(apps.size > 0 ? ['running'] : []))
}

/** Those of older releases stay for a while, so that going back is quick. */
async function assertImages(engine: Docker, filters: { label: string[] }): Promise<void> {
  const names = (await engine.listImages({ filters })).flatMap(({ RepoTags }) => RepoTags ?? [])
  const strange = names.filter(name => !name.startsWith('tidemark/app:') && name !== '<none>:<none>')
  assert.deepEqual(strange, [], 'images')
}

/** How a dyno ended stays in the engine until the next control plane has read it. */
async function assertNothingRuns(engine: Docker, platform: TestPlatform): Promise<void> {
  assert.deepEqual(processesOf(platform.dataDir), [])
  const filters = { label: [`${PLATFORM_LABEL}=${await labelOf(platform)}`] }
  const containers = await engine.listContainers({ filters })
  assert.deepEqual(
    containers.map(({ Names }) => Names),
    [],
  )
}
