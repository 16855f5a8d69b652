import type { ContainerCreateOptions } from 'dockerode'
import type { Instant } from '../../../core/time.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import type { DynoSpec } from '../../driver.ts'
import { type NetworkOptions, PORT } from './container-network.ts'
import { limits } from './dyno-size.ts'
import { INIT, PLAIN_INIT } from './init.ts'
import { dynoLabels } from './labels.ts'

const HOME = '/app'

/** What the engine keeps of a dyno's output: the control plane may be away, or slower, for that long. */
const LOG = {
  Type: 'local',
  Config: { 'max-size': '32m', 'max-file': '3', compress: 'false' },
}

/** Not root, and nothing of what root may; nobody starts it anew but we. */
export const CONFINED = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  RestartPolicy: { Name: 'no' },
}

interface Given {
  spec: DynoSpec
  image: string
  network: NetworkOptions
  platform: string
  startedAt: Instant
}

/** A dyno of an app that runs on a stack's image. */
export interface ContainerInput extends Given {
  identity: Identity
}

/** The container a dyno is. */
export function container(input: ContainerInput): ContainerCreateOptions {
  const { uid, gid } = input.identity
  return {
    ...common(input, { HOME }),
    Entrypoint: ['/bin/bash', '-c', INIT, 'bash'],
    User: `${uid}:${gid}`,
    WorkingDir: HOME,
  }
}

/** The container of an app that brings an image of its own: its system, its working directory, its user. */
export function ownContainer(input: Given): ContainerCreateOptions {
  return { ...common(input, {}), Entrypoint: ['/bin/sh', '-c', PLAIN_INIT, 'sh'] }
}

/** Its variables are in its environment and nowhere else. PATH is the image's, unless the app has its own. */
function common(given: Given, extra: Readonly<Record<string, string>>): ContainerCreateOptions {
  const { spec, image, platform, startedAt } = given
  const { HostConfig: network, ...exposed } = given.network
  const environment = { ...spec.environment, ...(spec.listens ? { PORT: String(PORT) } : {}), ...extra }
  return {
    name: containerName(spec, platform),
    Image: image,
    // The command is the last argument: `commandOf` reads it there.
    Cmd: [spec.command],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: dynoLabels(spec, platform, startedAt),
    Healthcheck: { Test: ['NONE'] },
    ...exposed,
    HostConfig: { ...limits(spec.size), ...network, ...CONFINED, LogConfig: LOG },
  }
}

/** The command of a dyno, from what the engine says of its container. */
export function commandOf({ Cmd }: { Cmd: readonly string[] | null }): string {
  return Cmd?.at(-1) ?? ''
}

/** The start of the names of everything that a platform has in the engine. */
export function namePrefix(platform: string): string {
  return `tidemark-${platform.slice(0, 8)}`
}

/** Two dynos never share a name: a container that is made twice is refused the second time. */
export function containerName({ id, name }: Pick<DynoSpec, 'id' | 'name'>, platform: string): string {
  return `${namePrefix(platform)}-${name.replace(/[^\w.-]/g, '-')}-${id}`
}
