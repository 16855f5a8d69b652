import type { ContainerCreateOptions } from 'dockerode'

/** Where web dynos listen, each in a network namespace of its own. */
export const PORT = 5000

/** A network namespace that another container holds. */
export interface HeldNetwork {
  /** The container's id. */
  holder: string
  /** Its address in the network of its app; null when it runs no more. */
  host: string | null
}

/** What of a container says in which network it is. */
export type NetworkOptions = Pick<ContainerCreateOptions, 'ExposedPorts'> & {
  HostConfig: Pick<
    NonNullable<ContainerCreateOptions['HostConfig']>,
    'NetworkMode' | 'PortBindings' | 'ExtraHosts'
  >
}

/** A namespace of its own in the network of that name. What `listens` has its port published to this machine alone. */
export function inNetwork(name: string, { listens }: { listens: boolean }): NetworkOptions {
  const port = `${PORT}/tcp`
  return {
    ...(listens ? { ExposedPorts: { [port]: {} } } : {}),
    HostConfig: {
      NetworkMode: name,
      ...(listens ? { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } } : {}),
      ExtraHosts: ['host.docker.internal:host-gateway'],
    },
  }
}

const HELD = 'container:'

/** The namespace that another container holds: its address, port and names of hosts are that container's. */
export function inHeldNetwork({ holder }: HeldNetwork): NetworkOptions {
  return { HostConfig: { NetworkMode: `${HELD}${holder}` } }
}

/** The id of the container that holds a container's network; undefined when it has its own. */
export function holderOf({ NetworkMode = '' }: { NetworkMode?: string | undefined }): string | undefined {
  return NetworkMode.startsWith(HELD) ? NetworkMode.slice(HELD.length) : undefined
}

/** A container, as a look at it or a list says it. */
interface Networked {
  NetworkSettings: { Networks: Readonly<Record<string, { IPAddress: string }>> }
}

/** Where a container listens, in the network of its app: nothing stands between, so what answers there is the program. */
export function hostOf({ NetworkSettings }: Networked, held: HeldNetwork | null = null): string | null {
  if (held !== null) return held.host
  const [network] = Object.values(NetworkSettings.Networks)
  return network?.IPAddress || null
}
