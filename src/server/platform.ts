import type { RequestListener } from 'node:http'
import { dirname } from 'node:path'
import { answerClientError } from '../api/client-error.ts'
import { startAddons } from './addons.ts'
import { bootClock } from './boot-clock.ts'
import { startBuilds } from './builds.ts'
import type { ServerConfig } from './config.ts'
import { openDataPath } from './data-path.ts'
import { DiskWatch } from './disk.ts'
import { type Endpoints, endpointsOf, removeEndpoints, writeEndpoints } from './endpoints.ts'
import { frontDoor } from './front-door.ts'
import { keepHouse } from './housekeeping.ts'
import { listen } from './listeners.ts'
import { startCollector } from './retention.ts'
import { Stack } from './stack.ts'
import { openStorage } from './storage.ts'
import { tlsFiles } from './tls.ts'
import { report } from './trouble.ts'

/** A running platform. */
export interface Platform {
  config: ServerConfig
  endpoints: Endpoints
  port: number
  tlsPort: number
  routerPort: number
  /** What this machine cannot promise, in sentences. */
  caveats: readonly string[]
  /** Ends everything, router and dynos included. */
  stop(): Promise<void>
  /** Ends the control plane only: router and dynos go on, for the next one to take over. */
  release(): Promise<void>
}

/** Starts everything, in the order in which one part needs another. Throws a sentence when something cannot be had. */
export async function startPlatform(config: ServerConfig): Promise<Platform> {
  const parts = new Stack()
  try {
    return await start(config, parts)
  } catch (error) {
    await parts.unwind()
    throw error
  }
}

async function start(config: ServerConfig, parts: Stack): Promise<Platform> {
  const nodeBin = dirname(process.execPath)
  const storage = await openStorage(config, parts)
  // What a crash left is about a server that is gone.
  await removeEndpoints(storage.paths)
  const { appsDomain } = config
  const names = ['localhost', '127.0.0.1', '::1', `*.${appsDomain}`, appsDomain]
  const tls = await tlsFiles(storage.paths.tls, names, Date.now())

  // Ports first: one that is taken is found out before anything that runs is touched.
  let answer: RequestListener = (_request, response) =>
    void response.writeHead(503, { 'retry-after': '1' }).end()
  const { host, port, tlsPort } = config
  const ports = await listen({ host, port, tlsPort, tls }, (...call) => answer(...call), answerClientError)
  parts.push(() => ports.close())

  await keepHouse(storage, parts)
  const dataPath = await openDataPath(config, storage, { parts, nodeBin })
  const { routerPort, caveats } = dataPath
  const builds = await startBuilds(storage, { config, parts, nodeBin })
  const collector = startCollector(storage, { config, parts })
  const disk = new DiskWatch({
    ...{ storage, collector, budget: config.diskBudget },
    dropBuildCache: appId => storage.caches.drop(appId),
    ...{ clock: Date.now, monotonic: bootClock, onTrouble: report },
  })
  disk.start(parts)
  const [api, apiTls] = [`http://localhost:${ports.port}`, `https://localhost:${ports.tlsPort}`]
  const addons = await startAddons(storage, { config, parts, api })
  const addresses = { api, apiTls, git: apiTls, appsDomain, routerPort }
  answer = await frontDoor(storage, { config, builds, addons, dataPath, collector, disk, addresses, parts })
  const endpoints = endpointsOf(addresses, { ca: tls.caFile, ownerToken: storage.paths.ownerToken })
  await writeEndpoints(storage.paths, endpoints)
  parts.push(() => removeEndpoints(storage.paths))

  return {
    ...{ config, endpoints, routerPort, caveats, port: ports.port, tlsPort: ports.tlsPort },
    stop: () => parts.unwind(),
    release: () => {
      dataPath.keep()
      addons.keep()
      return parts.unwind()
    },
  }
}
