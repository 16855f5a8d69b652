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

/** Has a container hold its network again that does so no more, as after a restart of the engine. */
export async function revived(engine: Docker, holder: string): Promise<HeldNetwork> {
  await ask('make a network ready', engine.getContainer(holder).start())
  return heldNetwork(engine, holder)
}
