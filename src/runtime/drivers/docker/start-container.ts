import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, EngineUnavailable, statusOf } from '../../../docker/engine.ts'
import type { HeldNetwork } from './container-network.ts'
import { rest } from './dyno-log.ts'
import { revived } from './held-network.ts'
import { hasStarted } from './observation.ts'

const START_TIMEOUT: Duration = 60_000
/** What an engine answers that cannot start a container in the network of one that does not run. */
const CONFLICT = 409
const RETRY_AFTER: Duration = 500

export interface ToStart {
  id: string
  /** `web.1` */
  name: string
  /** It surely was not started before. */
  isNew: boolean
  network: HeldNetwork | null
}

/**
 * Starts a container, once: an engine that is away for a while is asked again, and what was started before is not
 * started anew. A network held for it that is gone meanwhile is brought back, each time. Resolves with that network as
 * it is then; rejects with why the container does not start.
 */
export async function startContainer(
  engine: Docker,
  { id, name, isNew, network }: ToStart,
  signal: AbortSignal,
): Promise<HeldNetwork | null> {
  const container = engine.getContainer(id)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT)])
  let held = network
  let isLost = false
  for (let isSure = isNew; ; isSure = false) {
    try {
      if (isLost && held !== null) held = await revived(engine, held.holder)
      isLost = false
      if (isSure || !hasStarted(await ask('inspect a dyno', container.inspect())))
        await ask(`start ${name}`, container.start())
      return held
    } catch (error) {
      if (limit.aborted) throw error
      if (held !== null && statusOf(error) === CONFLICT) isLost = true
      else if (!(error instanceof EngineUnavailable)) throw error
      await rest(RETRY_AFTER, limit)
    }
  }
}
