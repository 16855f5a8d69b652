import { fileURLToPath } from 'node:url'
import type { ImportedImage } from '../artifacts/store.ts'
import { BUILD_LIMITS, buildpackBuilder } from '../build/builders/buildpack.ts'
import { compositeBuilder } from '../build/builders/composite.ts'
import {
  DOCKERFILE_LIMITS,
  type DockerfileBuilder,
  dockerfileBuilder,
} from '../build/builders/dockerfile/dockerfile.ts'
import { networkEnvironment } from '../build/builders/network-environment.ts'
import { BuildWorker } from '../build/worker.ts'
import { connectEngine } from '../docker/engine.ts'
import { probe } from '../sandbox/probe.ts'
import type { ServerConfig } from './config.ts'
import { imagesKey } from './dyno-driver.ts'
import { appIdentity } from './identity.ts'
import { uploadedSource } from './sources.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** Starts the build worker: it ends what a crash cut short, and takes up what waits. */
export async function startBuilds(
  storage: Storage,
  { config, parts, nodeBin }: { config: ServerConfig; parts: Stack; nodeBin: string },
): Promise<BuildWorker> {
  const { paths, ledger, transcripts, store, unnamed } = storage
  const buildpacks = buildpackBuilder({
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
  const dockerfile = config.runtime === 'docker' ? containerBuilder(config, storage) : null
  const builds = new BuildWorker({
    ledger,
    builder: compositeBuilder({ buildpacks, dockerfile }),
    transcripts,
    buildDirectory: paths.builds,
    caches: storage.caches,
    sourceOf: build => uploadedSource(build, paths.sources),
    onTrouble: report,
  })
  await builds.start()
  parts.push(() => builds.close())
  if (dockerfile) sweepAlong(dockerfile, storage, parts)
  return builds
}

/** Sees to it that nothing stays in the engine of what was built for apps that were destroyed. */
function sweepAlong(dockerfile: DockerfileBuilder, { ledger }: Storage, parts: Stack): void {
  const living = async () => new Set((await ledger.read.apps.list()).map(({ id }) => id))
  const sweep = () =>
    dockerfile
      .sweep(living)
      .catch(error => report({ doing: 'remove images of builds from the Docker engine', error }))
  const stop = ledger.onCommit(events => {
    if (events.some(({ kind }) => kind === 'app:destroy')) void sweep()
  })
  parts.push(async () => stop())
  // Those that were destroyed when it could not be done.
  void sweep()
}

/** Builds with Dockerfiles, in the engine that runs the dynos. */
function containerBuilder({ dockerSocket }: ServerConfig, storage: Storage): DockerfileBuilder {
  const { paths, store, unnamed } = storage
  return dockerfileBuilder({
    store: {
      async importImage(archive, limits, signal) {
        let image: ImportedImage | undefined
        // An archive comes once: what it brought is there, or the build is tried again.
        await unnamed.store(
          async () => {
            image ??= await store.importImage(archive, limits, signal)
            return image
          },
          digest => store.has(digest),
        )
        if (!image) throw new Error('An image was stored, but not read.')
        return image
      },
    },
    connect: () => connectEngine(dockerSocket === null ? {} : { socket: dockerSocket }),
    key: imagesKey(storage),
    imagesDirectory: paths.images,
    network: null,
    limits: DOCKERFILE_LIMITS,
    onTrouble: report,
  })
}
