import { randomInt } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answerClientError } from '../api/client-error.ts'
import type { Addresses } from '../api/context.ts'
import { createApi } from '../api/server.ts'
import { openFilesystemStore } from '../artifacts/stores/filesystem.ts'
import { BUILD_LIMITS, buildpackBuilder } from '../build/builders/buildpack.ts'
import { networkEnvironment } from '../build/builders/network-environment.ts'
import { BuildWorker } from '../build/worker.ts'
import { GitHttp, isGitRequest } from '../git/http.ts'
import { Receiver } from '../git/receive.ts'
import { Repositories } from '../git/repository.ts'
import { LogStore } from '../logs/store.ts'
import { Transcripts } from '../logs/transcript.ts'
import { RouterFeed } from '../router/feed-client.ts'
import { openProcessDriver } from '../runtime/drivers/process/driver.ts'
import { Reconciler } from '../runtime/reconciler.ts'
import { probe } from '../sandbox/probe.ts'
import { apiLines } from './api-log.ts'
import { cleanUpDestroyed } from './cleanup.ts'
import type { ServerConfig } from './config.ts'
import { type Endpoints, endpointsOf, writeEndpoints } from './endpoints.ts'
import { appIdentity } from './identity.ts'
import { keyFile } from './keys.ts'
import { listen } from './listeners.ts'
import { lockDirectory } from './lock.ts'
import { collectLogs, storeLines } from './log-collector.ts'
import { openLedger } from './open-ledger.ts'
import { ensureOwner } from './owner.ts'
import { preparePaths } from './paths.ts'
import { RouterProcess } from './router-process.ts'
import { routerRouting } from './router-routing.ts'
import { commitSource, commitSubject, uploadedSource } from './sources.ts'
import { Stack } from './stack.ts'
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

/** Dynos are given this long when the whole platform stops. */
const STOP_GRACE = 6000

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
  const paths = await preparePaths(config.dataDir)
  const lock = lockDirectory(config.dataDir, paths.lock)
  parts.push(async () => lock.release())

  const key = config.masterKey ?? (await keyFile(paths.masterKey))
  const ledger = await openLedger({ databaseUrl: config.databaseUrl, file: paths.ledger, key })
  parts.push(() => ledger.close())
  await ensureOwner(ledger, { email: config.ownerEmail, tokenFile: paths.ownerToken, now: Date.now() })

  const logs = new LogStore(paths.logs, Date.now)
  const transcripts = new Transcripts(paths.transcripts)
  const store = await openFilesystemStore(paths.artifacts)
  const repositories = new Repositories(paths.git)
  const nodeBin = dirname(process.execPath)

  const feed = new RouterFeed(paths.routerSocket)
  parts.push(async () => feed.close())
  const router = new RouterProcess(
    {
      host: config.host,
      port: config.routerPort,
      socketPath: paths.routerSocket,
      snapshotPath: paths.routerTable,
    },
    feed,
  )
  const driver = await openProcessDriver({
    directory: paths.dynos,
    layers: (digest, signal) => store.layers(digest, signal),
    identity: appIdentity,
    visible: [nodeBin],
    path: [nodeBin],
  })
  let keepsDataPath = false
  parts.push(async () => (keepsDataPath ? driver.disconnect() : driver.close(STOP_GRACE)))
  parts.push(async () => (keepsDataPath ? router.release() : router.stop(STOP_GRACE)))

  const collecting = new AbortController()
  const collectors = [collectLogs(logs, driver.logs(collecting.signal)), collectLogs(logs, feed.lines)]
  for (const collector of collectors) collector.catch(error => report({ doing: 'collect logs', error }))
  parts.push(async () => collecting.abort())
  ledger.onCommit(events => {
    storeLines(logs, events.flatMap(apiLines)).catch(error => report({ doing: 'write log', error }))
    const destroyed = events.flatMap(event =>
      event.kind === 'app:destroy' && event.appId ? [event.appId] : [],
    )
    cleanUpDestroyed({ ledger, store, repositories, logs }, destroyed).catch(error =>
      report({ doing: 'clean up', error }),
    )
  })

  const reconciler = new Reconciler({
    ledger,
    driver,
    routing: routerRouting(feed, config.appsDomain),
    clock: Date.now,
    settings: config.settings,
    log: (appId, line) => {
      storeLines(logs, [{ appId, line: { ...line, at: Date.now() } }]).catch(error =>
        report({ doing: 'write log', error }),
      )
    },
    onTrouble: report,
  })
  parts.push(() => reconciler.close())
  // First the routes, then the router: one that went on without us must not see an empty table in between.
  await reconciler.start()
  await router.start()

  const sandbox = await probe({ directory: paths.sandbox, extraReadOnly: [nodeBin] })
  const builder = buildpackBuilder({
    store,
    sandbox,
    buildpacksDirectory: fileURLToPath(new URL('../../buildpacks', import.meta.url)),
    buildpackCache: paths.buildpacks,
    privateDirectories: [paths.root],
    environment: { ...networkEnvironment(process.env), TIDEMARK_NODE_BIN_DIR: nodeBin },
    identity: appIdentity,
    limits: BUILD_LIMITS,
  })
  const builds = new BuildWorker({
    ledger,
    builder,
    transcripts,
    buildDirectory: paths.builds,
    cacheDirectory: paths.caches,
    sourceOf: build => uploadedSource(build, paths.sources),
    onTrouble: report,
  })
  await builds.start()
  parts.push(() => builds.close())

  const addresses: Addresses = {
    api: '',
    apiTls: '',
    git: '',
    appsDomain: config.appsDomain,
    routerPort: router.port,
  }
  const api = await createApi({
    ledger,
    clock: Date.now,
    random: below => randomInt(below),
    addresses: () => addresses,
    logs,
    transcripts,
    sourcesDirectory: paths.sources,
    capabilityKey: await keyFile(paths.capabilityKey),
    purgeBuildCache: appId => builds.purgeCache(appId),
    repositorySize: appId => repositories.size(appId),
    onFault: ({ error }) => report({ doing: 'answer a request', error }),
  })
  await api.ready()
  parts.push(() => api.close())
  const git = new GitHttp({
    ledger,
    clock: Date.now,
    repositories,
    receiver: new Receiver({
      ledger,
      buildCommit: (build, source, options) => builds.run(build, commitSource(source), options),
      commitSubject,
      webUrl: app => `http://${app.name}.${config.appsDomain}:${router.port}`,
    }),
    onTrouble: report,
  })
  const listener: RequestListener = (request, response) => {
    if (isGitRequest(request.url ?? '')) void git.handle(request, response)
    else api.routing(request, response)
  }
  const tls = await tlsFiles(
    paths.tls,
    ['localhost', '127.0.0.1', '::1', `*.${config.appsDomain}`, config.appsDomain],
    Date.now(),
  )
  const listeners = await listen(
    { host: config.host, port: config.port, tlsPort: config.tlsPort, tls },
    listener,
    answerClientError,
  )
  parts.push(() => listeners.close())
  addresses.api = `http://localhost:${listeners.port}`
  addresses.apiTls = `https://localhost:${listeners.tlsPort}`
  addresses.git = addresses.apiTls
  const endpoints = endpointsOf(addresses, { ca: tls.caFile, ownerToken: paths.ownerToken })
  await writeEndpoints(paths, endpoints)

  return {
    config,
    endpoints,
    port: listeners.port,
    tlsPort: listeners.tlsPort,
    routerPort: router.port,
    caveats: driver.caveats(),
    stop: () => parts.unwind(),
    release: () => {
      keepsDataPath = true
      return parts.unwind()
    },
  }
}
