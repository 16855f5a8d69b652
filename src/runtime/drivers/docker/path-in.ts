import type { IncomingMessage } from 'node:http'
import type Docker from 'dockerode'
import { ask, unlessAbsent } from '../../../docker/engine.ts'

/** Where a path of a container leads, whose links the engine gives as they are; undefined when nothing is there. */
export async function pathIn(container: Docker.Container, path: string): Promise<string | undefined> {
  const looking = container.infoArchive({ path }) as Promise<unknown> as Promise<IncomingMessage>
  const answer = await unlessAbsent(ask(`look for ${path}`, looking))
  if (answer === undefined) return undefined
  // All is said in its head. What nobody reads would keep its connection.
  answer.destroy()
  const said = Buffer.from(String(answer.headers['x-docker-container-path-stat']), 'base64').toString()
  return JSON.parse(said).linkTarget || path
}
