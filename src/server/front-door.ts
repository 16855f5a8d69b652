import { randomInt } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { AddonCatalogue, Addresses, ApiContext } from '../api/context.ts'
import { createApi } from '../api/server.ts'
import type { Collector } from '../artifacts/collector.ts'
import type { BuildWorker } from '../build/worker.ts'
import { DEFAULT_STACK, STACKS } from '../core/app.ts'
import { GitHttp, isGitRequest } from '../git/http.ts'
import { Receiver } from '../git/receive.ts'
import type { ServerConfig } from './config.ts'
import type { DataPath } from './data-path.ts'
import type { DiskWatch } from './disk.ts'
import { keyFile } from './keys.ts'
import { releaseOutput } from './release-outputs.ts'
import { commitSource, commitSubject } from './sources.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'
import { receiveUpload } from './uploads.ts'
import { verifyArtifact } from './verification.ts'

/** What answers on the server's own ports: the Platform API, and git for paths that name a repository. */
export async function frontDoor(
  storage: Storage,
  {
    config,
    builds,
    addons,
    dataPath,
    collector,
    disk,
    addresses,
    parts,
  }: {
    config: ServerConfig
    builds: BuildWorker
    addons: AddonCatalogue
    dataPath: DataPath
    collector: Collector
    disk: DiskWatch
    addresses: Addresses
    parts: Stack
  },
): Promise<RequestListener> {
  const { paths, ledger, logs, transcripts, repositories } = storage
  const api = await createApi({
    ledger,
    clock: Date.now,
    random: below => randomInt(below),
    addresses: () => addresses,
    logs,
    transcripts,
    stacks: config.runtime === 'docker' ? STACKS : [DEFAULT_STACK],
    sourcesDirectory: paths.sources,
    capabilityKey: await keyFile(paths.capabilityKey),
    purgeBuildCache: appId => storage.caches.purge(appId),
    settings: config.settings,
    retention: retentionOf(config, collector),
    disk,
    examine: appId => dataPath.examine(appId),
    receive: (upload, archive, signal) =>
      receiveUpload(storage, upload, { archive, signal, runsContainers: config.runtime === 'docker' }),
    exportImage: (digest, signal) => storage.store.exportImage(digest, signal),
    verifyArtifact: (artifact, signal) =>
      verifyArtifact({ store: storage.store, dataPath }, artifact, signal),
    addons,
    commitsAfter: (appId, commit) => repositories.commitsAfter(appId, commit),
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
      refusal: () => disk.refusal(),
      commandOutput: (release, signal) => releaseOutput(transcripts, release.id, signal),
      webUrl: app => `http://${app.name}.${addresses.appsDomain}:${addresses.routerPort}`,
    }),
    onTrouble: report,
  })
  parts.push(() => git.close())
  return (request, response) => {
    if (isGitRequest(request.url ?? '')) void git.handle(request, response)
    else api.routing(request, response)
  }
}

function retentionOf({ retention: policy }: ServerConfig, collector: Collector): ApiContext['retention'] {
  return {
    policy,
    preview: appId => collector.preview(appId),
    reclaimable: preview => collector.reclaimable(preview),
    sweep: appId => collector.sweep(appId),
    ageCountsAgainAt: () => collector.ageCountsAgainAt(),
  }
}
