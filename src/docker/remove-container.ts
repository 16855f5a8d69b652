import type Docker from 'dockerode'
import { ask, statusOf } from './engine.ts'

/** Removes a container with what runs in it and its volumes. One that is gone, or that somebody removes already, is as good. */
export async function removeContainer(engine: Docker, id: string): Promise<void> {
  try {
    await ask('remove a container', engine.getContainer(id).remove({ force: true, v: true }))
  } catch (error) {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error
  }
}
