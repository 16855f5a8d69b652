import type { Artifact } from '../core/artifact.ts'
import type { Check } from '../core/doctor.ts'
import { RouterFeed } from '../router/feed-client.ts'
import type { DynoLine } from '../runtime/driver.ts'
import { careForApps } from './app-care.ts'
import type { ServerConfig } from './config.ts'
import { type DynoDriver, openDynoDriver } from './dyno-driver.ts'
import { collectLogs, storeLines } from './log-collector.ts'
import { ReleaseOutputs } from './release-outputs.ts'
import { RouterProcess } from './router-process.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** What answers for the apps: dynos, the router before them, and the reconciler that looks after both. */
export interface DataPath {
  routerPort: number
  /** What this machine cannot promise, in sentences. */
  caveats: readonly string[]
  /** Compares what runs for an app with what should. */
  examine(appId: string): Promise<Check[]>
  /** Sees to it that what runs dynos has the image of an artifact, where it keeps images. Answers whether it had. */
  ensureImage(artifact: Artifact, signal: AbortSignal): Promise<boolean>
  /** From now on, ending the server leaves dynos and router running. */
  keep(): void
}

/** Dynos and requests are given this long when the whole platform stops. */
const STOP_GRACE = 6000

/** Adopts the dynos and the router of an earlier server, or starts them. `nodeBin` is shown to dynos. */
export async function openDataPath(
  config: ServerConfig,
  storage: Storage,
  { parts, nodeBin }: { parts: Stack; nodeBin: string },
): Promise<DataPath> {
  const { paths } = storage
  const feed = new RouterFeed(paths.routerSocket)
  parts.push(async () => feed.close())
  const driver = await openDynoDriver(config, storage, { parts, nodeBin })
  // Until everything has started, what was there before us is left alone; so a failed start harms no app.
  const dynos = await driver.list()
  const wasThere = dynos.length > 0
  let isKept = wasThere
  const router = new RouterProcess(
    {
      host: config.host,
      port: config.routerPort,
      socketPath: paths.routerSocket,
      snapshotPath: paths.routerTable,
    },
    feed,
  )
  parts.push(async () => {
    if (isKept) {
      router.release()
      driver.disconnect()
      // At the same time: the limit is that of the whole stop.
    } else await Promise.all([router.stop(STOP_GRACE), driver.close(STOP_GRACE)])
  })
  const outputs = new ReleaseOutputs(storage.transcripts)
  await outputs.adopt(dynos)
  collect(storage, { driver, feed, outputs, parts })

  // First the routes, then the router: one that went on without us must not see an empty table in between.
  const examine = await careForApps(storage, { config, driver, feed, parts })
  await router.start()
  isKept = false
  const keep = (): void => {
    isKept = true
  }
  const ensureImage: DataPath['ensureImage'] = async (artifact, signal) =>
    driver.ensureImage?.(artifact, signal) ?? true
  return { routerPort: router.port, caveats: driver.caveats(), examine, ensureImage, keep }
}

/** Stores what dynos and router say. */
function collect(
  { logs }: Storage,
  {
    driver,
    feed,
    outputs,
    parts,
  }: { driver: DynoDriver; feed: RouterFeed; outputs: ReleaseOutputs; parts: Stack },
): void {
  const abort = new AbortController()
  parts.push(async () => abort.abort())
  const trouble = (error: unknown): void => report({ doing: 'store log lines', error })
  const options = { signal: abort.signal, onTrouble: trouble }
  const keep = async (lines: readonly DynoLine[]): Promise<void> => {
    await storeLines(logs, lines)
    await outputs.store(lines)
  }
  const collectors = [
    collectLogs(driver.logs(abort.signal), keep, options),
    collectLogs(feed.lines, lines => storeLines(logs, lines), options),
  ]
  for (const collector of collectors) collector.catch(error => report({ doing: 'collect logs', error }))
}
