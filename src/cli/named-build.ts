import type { PlatformClient } from '../client/platform-client.ts'
import type { Build } from '../client/shapes.ts'

/** The build of that id, or the newest. */
export async function namedBuild(
  client: PlatformClient,
  app: string,
  id: string | undefined,
): Promise<Build> {
  if (id !== undefined) return client.builds.info(app, id)
  const [newest] = await client.builds.list(app, { max: 1 })
  if (!newest) throw new Error(`${app} has no builds. Make one with: git push tidemark main`)
  return newest
}
