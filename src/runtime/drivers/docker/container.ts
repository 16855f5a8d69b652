import type { ContainerCreateOptions } from 'dockerode'
import type { Instant } from '../../../core/time.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import type { DynoSpec } from '../../driver.ts'
import { limits } from './dyno-size.ts'
import { INIT } from './init.ts'
import { dynoLabels } from './labels.ts'

/** Where web dynos listen, each in a network namespace of its own. */
export const PORT = 5000
const HOME = '/app'

/** What the engine keeps of a dyno's output: the control plane may be away, or slower, for that long. */
const LOG = {
  Type: 'local',
  Config: { 'max-size': '32m', 'max-file': '3', compress: 'false' },
}

export interface ContainerInput {
  spec: DynoSpec
  image: string
  network: string
  platform: string
  identity: Identity
  startedAt: Instant
}

/** The container a dyno is. Its variables are in its environment and nowhere else. */
export function container(input: ContainerInput): ContainerCreateOptions {
  const { spec, image, platform, identity, startedAt } = input
  const port = `${PORT}/tcp`
  return {
    name: containerName(spec, platform),
    Image: image,
    // The command is the last argument: `commandOf` reads it there.
    Entrypoint: ['/bin/bash', '-c', INIT, 'bash'],
    Cmd: [spec.command],
    User: `${identity.uid}:${identity.gid}`,
    WorkingDir: HOME,
    Env: Object.entries(environment(spec)).map(([name, value]) => `${name}=${value}`),
    Labels: dynoLabels(spec, platform, startedAt),
    Healthcheck: { Test: ['NONE'] },
    ...(spec.listens ? { ExposedPorts: { [port]: {} } } : {}),
    HostConfig: {
      ...limits(spec.size),
      NetworkMode: input.network,
      ...(spec.listens ? { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } } : {}),
      ExtraHosts: ['host.docker.internal:host-gateway'],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no' },
      LogConfig: LOG,
    },
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
function containerName({ id, name }: DynoSpec, platform: string): string {
  return `${namePrefix(platform)}-${name.replace(/[^\w.-]/g, '-')}-${id}`
}

/** PATH is the stack image's, unless the app has its own. */
function environment({ environment, listens }: DynoSpec): Record<string, string> {
  return { ...environment, ...(listens ? { PORT: String(PORT) } : {}), HOME }
}
