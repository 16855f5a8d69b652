import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../client/api-error.ts'
import type { PlatformClient } from '../client/platform-client.ts'
import type { Build } from '../client/shapes.ts'

const PAUSE = 300

/** Copies what a build says, from its beginning until it ends. */
export async function streamBuild(
  client: PlatformClient,
  { app, build, to }: { app: string; build: Build; to: NodeJS.WritableStream },
): Promise<void> {
  for await (const chunk of await beginningOf(client, app, build)) to.write(chunk as Uint8Array)
}

/** A build that has only just been asked for may have said nothing yet. */
async function beginningOf(client: PlatformClient, app: string, build: Build): Promise<Readable> {
  for (let seen = build; ; seen = await client.builds.info(app, build.id)) {
    try {
      return await client.builds.output(seen)
    } catch (error) {
      const isTooEarly = error instanceof ApiError && error.status === 404 && seen.status === 'pending'
      if (!isTooEarly) throw error
      await delay(PAUSE)
    }
  }
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
