import type { ArtifactStore } from '../artifacts/store.ts'
import type { Repositories } from '../git/repository.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LogStore } from '../logs/store.ts'

export interface CleanupContext {
  ledger: Ledger
  store: ArtifactStore
  repositories: Repositories
  logs: LogStore
}

/** Destroys what is left on disk of destroyed apps. Doing it again, after a crash in the middle, does the rest. */
export async function cleanUpDestroyed(
  { ledger, store, repositories, logs }: CleanupContext,
  appIds: readonly string[],
): Promise<void> {
  for (const appId of appIds) {
    await repositories.remove(appId)
    await logs.remove(appId)
    for (const artifact of await ledger.read.artifacts.ofApp(appId)) {
      // Another app may run the very same bytes.
      if (!(await ledger.read.artifacts.isDigestAlive(artifact.digest))) await store.remove(artifact.digest)
    }
  }
}
