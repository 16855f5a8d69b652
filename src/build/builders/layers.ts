import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerSource } from '../../artifacts/store.ts'

/** Where buildpacks put what an app depends on. Each becomes a layer of its own: it changes less often than the app. */
const DEPENDENCIES = ['.heroku', 'vendor', 'node_modules'] as const

/** How a finished build is cut into layers, lowest first: dependencies, then the app. */
export async function layersOf(directory: string): Promise<readonly LayerSource[]> {
  const present: string[] = []
  for (const name of DEPENDENCIES) {
    const stats = await lstat(join(directory, name)).catch(() => undefined)
    if (stats?.isDirectory()) present.push(name)
  }
  const dependencies = present.map(name => ({ directory: join(directory, name), at: name, exclude: [] }))
  return [...dependencies, { directory, at: '', exclude: present }]
}
