import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, EngineUnavailable } from '../../../docker/engine.ts'
import { rest } from './dyno-log.ts'
import { hasStarted } from './observation.ts'

const START_TIMEOUT: Duration = 60_000
const RETRY_AFTER: Duration = 500

/**
 * Starts a container, once: an engine that is away for a while is asked again, and what was started before is not
 * started anew. One that `isNew` surely was not. Rejects with why it does not start.
 */
export async function startContainer(
  container: Docker.Container,
  { name, isNew }: { name: string; isNew: boolean },
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT)])
  for (let isSure = isNew; ; isSure = false) {
    try {
      if (isSure || !hasStarted(await ask('inspect a dyno', container.inspect())))
        await ask(`start ${name}`, container.start())
      return
    } catch (error) {
      if (!(error instanceof EngineUnavailable) || limit.aborted) throw error
      await rest(RETRY_AFTER, limit)
    }
  }
}
