import { setTimeout as delay } from 'node:timers/promises'
import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2000

/**
 * Waits until a release has succeeded. Throws with the reason when it fails. The platform bounds the wait: a release
 * has a boot timeout and its command a time limit.
 */
export async function succeeded(client: PlatformClient, app: string, release: Release): Promise<Release> {
  let seen = release
  for (let pause = FIRST_PAUSE; seen.status === 'pending'; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    await delay(pause)
    seen = await client.releases.info(app, release.id)
  }
  if (seen.status === 'failed') throw new Error(failure(seen))
  return seen
}

function failure(release: Release): string {
  const reason = release.reason ? `: ${release.reason.replace(/\.$/, '')}.` : '.'
  return `Release v${release.version} failed${reason}\nSee what its dynos said: tidemark logs`
}

/** Makes a change and answers the release it appended; undefined when there was nothing to change. */
export async function releaseOf(
  client: PlatformClient,
  app: string,
  change: () => Promise<unknown>,
): Promise<Release | undefined> {
  const before = await client.releases.newest(app)
  await change()
  const newest = await client.releases.list(app, { max: 25 })
  const since = newest.filter(release => release.version > before.version)
  if (since.length <= 1) return since[0]
  // Others were at work at the same time: ours is the first that bears our name.
  const self = await client.accounts.self()
  return since.findLast(release => release.user.id === self.id)
}
