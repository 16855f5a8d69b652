import type Docker from 'dockerode'
import { ask, statusOf } from '../../../docker/engine.ts'
import { type HeldNetwork, hostOf } from './container-network.ts'

/** The network that a container holds, as it is now. */
export async function heldNetwork(engine: Docker, holder: string): Promise<HeldNetwork> {
  try {
    const info = await ask('look at a network', engine.getContainer(holder).inspect())
    return { holder, host: info.State.Running ? hostOf(info) : null }
  } catch (error) {
    if (statusOf(error) !== 404) throw error
    return { holder, host: null }
  }
}

/** Whether a container is in the network that another holds: a holder that was started again has a new one. */
export async function isIn(engine: Docker, container: string, holder: string): Promise<boolean> {
  const look = (id: string) => ask('look at a network', engine.getContainer(id).inspect())
  try {
    const [{ State: its }, { State: own }] = await Promise.all([look(holder), look(container)])
    return its.Running && Date.parse(its.StartedAt) <= Date.parse(own.StartedAt)
  } catch (error) {
    if (statusOf(error) !== 404) throw error
    return false
  }
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
