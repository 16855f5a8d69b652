import { fileURLToPath } from 'node:url'
import { BUILD_LIMITS, buildpackBuilder } from '../build/builders/buildpack.ts'
import { networkEnvironment } from '../build/builders/network-environment.ts'
import { BuildWorker } from '../build/worker.ts'
import { probe } from '../sandbox/probe.ts'
import { appIdentity } from './identity.ts'
import { uploadedSource } from './sources.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** Starts the build worker: it ends what a crash cut short, and takes up what waits. */
export async function startBuilds(
  { paths, ledger, transcripts, store, unnamed }: Storage,
  { parts, nodeBin }: { parts: Stack; nodeBin: string },
): Promise<BuildWorker> {
  const builder = buildpackBuilder({
    store: {
      put: (source, maxBytes, signal) =>
        unnamed.store(
          () => store.put(source, maxBytes, signal),
          digest => store.has(digest),
        ),
    },
    sandbox: await probe({ directory: paths.sandbox, extraReadOnly: [nodeBin] }),
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
  return builds
}
