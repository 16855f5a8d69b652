import type Docker from 'dockerode'
import type { ContainerInfo } from 'dockerode'
import { ask, PLATFORM_LABEL } from '../../../docker/engine.ts'
import { containerName } from './container.ts'
import { DYNO_LABEL, type Labelled, readLabels } from './labels.ts'
import { isPause } from './pause-container.ts'

/** A container that is a dyno, and which one. */
export interface FoundDyno {
  container: ContainerInfo
  labelled: Labelled
}

/** What the engine has of a platform: its dynos, and containers that hold networks for them. */
export interface Found {
  dynos: readonly FoundDyno[]
  pauses: readonly ContainerInfo[]
}

/**
 * A container has the labels of its image as well, and whoever writes a Dockerfile may write ours into it. But nobody
 * names the containers of a build: what is ours has the very name that we give such a container, too.
 */
export async function findContainers(engine: Docker, platform: string): Promise<Found> {
  const filters = { label: [`${PLATFORM_LABEL}=${platform}`] }
  const all = await ask('list dynos', engine.listContainers({ all: true, filters }))
  const dynos: FoundDyno[] = []
  const pauses: ContainerInfo[] = []
  for (const container of all) {
    const labelled = readLabels(container.Labels)
    if (isDyno(container, labelled, platform)) dynos.push({ container, labelled })
    else if (isPause(container, platform)) pauses.push(container)
  }
  return { dynos, pauses }
}

function isDyno({ Labels, Names }: ContainerInfo, labelled: Labelled, platform: string): boolean {
  return Labels[DYNO_LABEL] !== undefined && Names.includes(`/${containerName(labelled, platform)}`)
}
