import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../client/api-error.ts'
import { isCutOff } from '../client/connection-error.ts'
import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'

const PAUSE = 300

/**
 * Copies what a release's command prints, from its beginning until it ends; what was cut off goes on where it was.
 * Answers whether there was any output to copy: none of a release whose command never began.
 */
export async function streamRelease(
  client: PlatformClient,
  { app, release, to }: { app: string; release: Release; to: NodeJS.WritableStream },
): Promise<boolean> {
  let offset = 0
  for (let seen = release; ; seen = await client.releases.info(app, release.id)) {
    if (seen.output_stream_url === null) return offset > 0
    try {
      for await (const chunk of await client.releases.output(seen.output_stream_url, offset)) {
        offset += (chunk as Uint8Array).length
        to.write(chunk as Uint8Array)
      }
      return true
    } catch (error) {
      // What was cut off right before its end has nothing more to say.
      if (error instanceof ApiError && error.status === 416) return true
      const isTooEarly = error instanceof ApiError && error.status === 404 && seen.status === 'pending'
      if (!isTooEarly && !isCutOff(error)) throw error
      await delay(PAUSE)
    }
  }
}
