import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { minutes } from '../../../core/time.ts'
import { unlessAborted } from '../../../core/unless-aborted.ts'
import { ask, EngineUnavailable } from '../../../docker/engine.ts'
import { Spool, type SpoolOptions } from '../../../docker/spool.ts'
import { isBroken } from './engine-build.ts'

/** The engine gathers all of an image before it sends the first of it. */
const EXPORT_LIMIT = minutes(10)

/** Takes an image out of the engine. */
export async function exportFromEngine(
  engine: Docker,
  id: string,
  options: SpoolOptions,
  signal: AbortSignal,
): Promise<Spool> {
  const answer = engine.getImage(id).get() as Promise<Readable>
  try {
    const archive = await unlessAborted(ask('export the image', answer, EXPORT_LIMIT), signal)
    return await Spool.fill(archive, options, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw isBroken(error)
      ? new EngineUnavailable('The connection to the Docker engine broke while it sent the image.', {
          cause: error,
        })
      : error
  } finally {
    // It may also come when nobody waits for it any more.
    answer.then(archive => archive.destroy()).catch(() => {})
  }
}
