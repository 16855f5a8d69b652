import type { Verification } from '../api/context.ts'
import type { ArtifactStore } from '../artifacts/store.ts'
import type { Artifact } from '../core/artifact.ts'
import type { DataPath } from './data-path.ts'

/**
 * Reads all of an artifact again. When that is sound, what runs dynos is to have its image too: one that somebody removed
 * there is made again.
 */
export async function verifyArtifact(
  { store, dataPath }: { store: Pick<ArtifactStore, 'verify'>; dataPath: Pick<DataPath, 'ensureImage'> },
  artifact: Artifact,
  signal: AbortSignal,
): Promise<Verification> {
  const faults = await store.verify(artifact.digest)
  if (faults.length > 0) return { faults, runtimeFault: null, isRepaired: false }
  try {
    const wasThere = await dataPath.ensureImage(artifact, signal)
    return { faults, runtimeFault: null, isRepaired: !wasThere }
  } catch (error) {
    signal.throwIfAborted()
    return { faults, runtimeFault: (error as Error).message, isRepaired: false }
  }
}
