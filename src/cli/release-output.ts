import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../client/api-error.ts'
import { isCutOff } from '../client/connection-error.ts'
import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'

const PAUSE = 300
/** How long the platform may be gone: time for a restart. */
const PATIENCE = 30_000

/**
 * Copies what a release's command prints, from its beginning until it ends; what was cut off goes on where it was.
 * Answers whether there was any output to copy: none of a release whose command never began.
 */
export async function streamRelease(
  client: PlatformClient,
  { app, release, to }: { app: string; release: Release; to: NodeJS.WritableStream },
): Promise<boolean> {
  let offset = 0
  let heardAt = Date.now()
  for (let seen = release; ; ) {
    if (seen.output_stream_url === null) return offset > 0
    try {
      for await (const chunk of await client.releases.output(seen.output_stream_url, offset)) {
        offset += (chunk as Uint8Array).length
        heardAt = Date.now()
        to.write(chunk as Uint8Array)
      }
      return true
    } catch (error) {
      // What was cut off right before its end has nothing more to say.
      if (error instanceof ApiError && error.status === 416) return true
      const isTooEarly = error instanceof ApiError && error.status === 404 && seen.status === 'pending'
      const isGone = isCutOff(error) || (error instanceof ApiError && error.status === 503)
      const isPassing = isGone && Date.now() - heardAt < PATIENCE
      if (!isTooEarly && !isPassing) throw error
      await delay(PAUSE)
      seen = await client.releases.info(app, release.id).catch(() => seen)
    }
  }
}
