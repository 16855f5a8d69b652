import type { PlatformClient } from '../client/platform-client.ts'
import type { Addon } from '../client/shapes.ts'

/** The add-on that a name means: its own, or with an app the name of an attachment or service there. Throws when it may be several. */
export async function chooseAddon(client: PlatformClient, name: string, app?: string): Promise<Addon> {
  const found = await client.addons.resolve(name, app)
  const [addon] = found
  if (addon && found.length === 1) return addon
  throw new Error(
    `${JSON.stringify(name)} may mean several add-ons: ${found.map(each => each.name).join(', ')}. Say which by its name.`,
  )
}
