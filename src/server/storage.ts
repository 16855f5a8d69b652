import { Remains } from '../artifacts/remains.ts'
import type { ArtifactStore } from '../artifacts/store.ts'
import { openFilesystemStore } from '../artifacts/stores/filesystem.ts'
import { UnknownImages } from '../artifacts/unknown.ts'
import { UnnamedImages } from '../artifacts/unnamed.ts'
import { BuildCaches } from '../build/caches.ts'
import { Repositories } from '../git/repository.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { LogStore } from '../logs/store.ts'
import { Transcripts } from '../logs/transcript.ts'
import type { ServerConfig } from './config.ts'
import { derivedKey, keyFile } from './keys.ts'
import { lockDirectory } from './lock.ts'
import { openLedger } from './open-ledger.ts'
import { ensureOwner } from './owner.ts'
import { type Paths, preparePaths } from './paths.ts'
import type { Stack } from './stack.ts'
import { report } from './trouble.ts'

/** Everything that is kept. */
export interface Storage {
  paths: Paths
  ledger: Ledger
  logs: LogStore
  transcripts: Transcripts
  store: ArtifactStore
  /** Derives what follows from the master key: 32 bytes for each purpose. */
  derive: (purpose: string) => Uint8Array
  unnamed: UnnamedImages
  unknown: UnknownImages
  remains: Remains
  repositories: Repositories
  caches: BuildCaches
}

/** Takes the data directory for this server alone, and opens what is in it. Throws a sentence when it cannot. */
export async function openStorage(config: ServerConfig, parts: Stack): Promise<Storage> {
  const paths = await preparePaths(config.dataDir)
  const lock = lockDirectory(config.dataDir, paths.lock)
  parts.push(async () => lock.release())
  const key = config.masterKey ?? (await keyFile(paths.masterKey))
  const ledger = await openLedger({ databaseUrl: config.databaseUrl, file: paths.ledger, key })
  parts.push(() => ledger.close())
  await ensureOwner(ledger, { email: config.ownerEmail, tokenFile: paths.ownerToken, now: Date.now() })
  const store = await openFilesystemStore(paths.artifacts)
  const unnamed = new UnnamedImages(async () => {
    const builds = await ledger.read.builds.pending()
    return builds.flatMap(({ id, startedAt }) => (startedAt === null ? [] : id))
  })
  return {
    paths,
    ledger,
    logs: new LogStore(paths.logs, Date.now),
    transcripts: new Transcripts(paths.transcripts),
    ...{ store, unnamed, remains: new Remains({ ledger, store, unnamed, onTrouble: report }) },
    unknown: new UnknownImages(paths.unknownImages),
    derive: purpose => derivedKey(key, purpose),
    repositories: new Repositories(paths.git),
    caches: new BuildCaches(paths.caches),
  }
}
