import { createHash } from 'node:crypto'
import { CONTAINER_STACK, DEFAULT_STACK } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import type { Driver } from '../runtime/driver.ts'
import { type DockerDriver, openDockerDriver } from '../runtime/drivers/docker/driver.ts'
import { openProcessDriver } from '../runtime/drivers/process/driver.ts'
import type { ServerConfig } from './config.ts'
import { appIdentity, appUser } from './identity.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** A driver whose dynos live on when it lets go of them. */
export interface DynoDriver extends Driver {
  disconnect(): void
  /** Of a driver that keeps images of its own: makes that of an artifact if it is not there. Answers whether it was. */
  ensureImage?(artifact: Pick<Artifact, 'appId' | 'digest' | 'stack'>, signal: AbortSignal): Promise<boolean>
}

const PRUNE_EVERY = 600_000

/** Connects to what runs the dynos, as the settings say. `nodeBin` is shown to dynos that are processes. */
export async function openDynoDriver(
  config: ServerConfig,
  storage: Storage,
  { parts, nodeBin }: { parts: Stack; nodeBin: string },
): Promise<DynoDriver> {
  if (config.runtime === 'docker') return openDocker(config, storage, parts)
  const { paths, store } = storage
  return openProcessDriver({
    directory: paths.dynos,
    layers: (digest, signal) => store.layers(digest, signal),
    identity: appIdentity,
    visible: [nodeBin],
    path: [nodeBin],
  })
}

/** What everything of this platform in an engine is labelled with; the same for as long as its key is. */
export function platformLabel({ derive }: Pick<Storage, 'derive'>): string {
  return createHash('sha256').update(derive('docker platform')).digest('hex').slice(0, 16)
}

/** By which its images in an engine have names that nobody else can tell. */
export function imagesKey({ derive }: Pick<Storage, 'derive'>): Uint8Array {
  return derive('names of images')
}

async function openDocker(config: ServerConfig, storage: Storage, parts: Stack): Promise<DynoDriver> {
  const { paths, store } = storage
  const driver = await openDockerDriver({
    directory: paths.containers,
    ...(config.dockerSocket !== null && { socket: config.dockerSocket }),
    platform: platformLabel(storage),
    key: imagesKey(storage),
    stackImage: stack => imageOf(stack, config),
    pauseImage: config.stackImage,
    layers: (digest, signal) => store.layers(digest, signal),
    archive: (digest, signal) => store.exportImage(digest, signal),
    identity: appUser,
  })
  pruneEngine(driver, storage, parts)
  return driver
}

function imageOf(stack: string, { stackImage }: ServerConfig): string | null | undefined {
  if (stack === CONTAINER_STACK) return null
  return stack === DEFAULT_STACK ? stackImage : undefined
}

/** Removes the engine's images of artifacts that were destroyed. Those of older releases stay, so that a rollback is quick. */
function pruneEngine(driver: DockerDriver, { ledger }: Storage, parts: Stack): void {
  const prune = async (): Promise<void> => driver.prune(await ledger.read.artifacts.digestsAlive())
  const timer = setInterval(() => {
    prune().catch(error => report({ doing: 'remove images from the Docker engine', error }))
  }, PRUNE_EVERY)
  parts.push(async () => clearInterval(timer))
}
