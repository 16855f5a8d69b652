import { setTimeout as delay } from 'node:timers/promises'
import type { PlatformClient } from '../client/platform-client.ts'
import type { Build } from '../client/shapes.ts'

const PAUSE = 300

/** Copies what a build says, from its beginning until it ends. */
export async function streamBuild(
  client: PlatformClient,
  build: Build,
  to: NodeJS.WritableStream,
): Promise<void> {
  for await (const chunk of await client.builds.output(build)) to.write(chunk as Uint8Array)
}

/** Waits until a build has succeeded. Throws with the reason when it fails. The platform bounds the wait. */
export async function finishedBuild(client: PlatformClient, app: string, build: Build): Promise<Build> {
  let seen = await client.builds.info(app, build.id)
  while (seen.status === 'pending') {
    await delay(PAUSE)
    seen = await client.builds.info(app, build.id)
  }
  if (seen.status === 'failed') {
    throw new Error(
      `Build failed${seen.reason ? `: ${seen.reason.replace(/\.$/, '')}.` : '. See what it said: tidemark builds:output'}`,
    )
  }
  return seen
}
