import type { PlatformClient } from '../client/platform-client.ts'
import type { Addon, Release } from '../client/shapes.ts'

/** Changes something about add-ons and answers the newest release that came of it; undefined when none did. */
export async function newestOf(
  client: PlatformClient,
  app: string,
  change: () => Promise<unknown>,
): Promise<Release | undefined> {
  const before = await client.releases.newest(app)
  await change()
  const newest = await client.releases.newest(app)
  return newest.version > before.version ? newest : undefined
}

/** How an add-on's state is said. */
export function stateOf({ state }: Pick<Addon, 'state'>): string {
  const words = {
    provisioning: 'creating',
    provisioned: 'created',
    deprovisioning: 'destroying',
    deprovisioned: 'destroyed',
  }
  return words[state]
}
