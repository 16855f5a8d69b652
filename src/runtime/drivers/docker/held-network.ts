import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import { ask, statusOf, unlessAbsent } from '../../../docker/engine.ts'
import { type HeldNetwork, hostOf } from './container-network.ts'

/** The network that a container holds, as it is now. */
export async function heldNetwork(engine: Docker, holder: string): Promise<HeldNetwork> {
  const info = await look(engine, holder)
  return { holder, host: info?.State.Running ? hostOf(info) : null }
}

/** Whether a container runs on without the network that another held: a holder that was started again has a new one. */
export async function hasLost(engine: Docker, container: string, holder: string): Promise<boolean> {
  // Before its holder, which may be brought back just now for its start.
  const own = await look(engine, container)
  if (own === undefined || !own.State.Running) return false
  const its = await look(engine, holder)
  return !its?.State.Running || Date.parse(its.State.StartedAt) > Date.parse(own.State.StartedAt)
}

/** What the engine answers that is to start what was started unheard. */
const RUNS_ALREADY = 304

/** Has a container hold its network again that does so no more, as after a restart of the engine. */
export async function revived(engine: Docker, holder: string): Promise<HeldNetwork> {
  try {
    await ask('make a network ready', engine.getContainer(holder).start())
  } catch (error) {
    if (statusOf(error) !== RUNS_ALREADY) throw error
  }
  return heldNetwork(engine, holder)
}

function look(engine: Docker, id: string): Promise<ContainerInspectInfo | undefined> {
  return unlessAbsent(ask('look at a network', engine.getContainer(id).inspect()))
}
