import { randomUUID } from 'node:crypto'
import type { ContainerCreateOptions, ContainerInfo } from 'dockerode'
import { PLATFORM_LABEL } from '../../../docker/engine.ts'
import { CONFINED, namePrefix } from './container.ts'
import { inNetwork } from './container-network.ts'

/** On containers that do nothing but hold a network, if their name says so, too. */
export const PAUSE_LABEL = 'tidemark.pause'

export interface PauseInput {
  name: string
  platform: string
  image: string
  /** The network of the app whose dyno is to come. */
  network: string
}

/**
 * Holds a network for a dyno that is still to come: what Kubernetes calls a pause container. It sleeps, as nobody. As the
 * first process of a container, which has no handler, it is deaf to SIGTERM: so an engine that stops everything lets the
 * dyno finish before the network goes.
 */
export function pauseContainer({ name, platform, image, network }: PauseInput): ContainerCreateOptions {
  const { HostConfig, ...exposed } = inNetwork(network, { listens: true })
  return {
    name,
    Image: image,
    Entrypoint: ['sleep', 'infinity'],
    User: '65534:65534',
    Labels: { [PLATFORM_LABEL]: platform, [PAUSE_LABEL]: 'true' },
    Healthcheck: { Test: ['NONE'] },
    ...exposed,
    HostConfig: { ...HostConfig, ...CONFINED, ReadonlyRootfs: true, LogConfig: { Type: 'none', Config: {} } },
  }
}

/** Another name for each. */
export function pauseName(platform: string): string {
  return `${pausePrefix(platform)}${randomUUID()}`
}

/** Whether a container is one that we made to hold a network. */
export function isPause({ Labels, Names }: ContainerInfo, platform: string): boolean {
  return Labels[PAUSE_LABEL] !== undefined && Names.some(name => name.startsWith(`/${pausePrefix(platform)}`))
}

function pausePrefix(platform: string): string {
  return `${namePrefix(platform)}-pause-`
}
