import { mkdir, open, realpath, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DEVICES, type Layout } from './mount-plan.ts'

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt']

/**
 * Makes, below `directory`, what every private root is put together with. `extraReadOnly` are directories that
 * programs see besides the system's own (where node lives, say). Safe to repeat, also while sandboxes are in use.
 */
export async function prepareLayout(directory: string, extraReadOnly: readonly string[]): Promise<Layout> {
  await mkdir(directory, { recursive: true, mode: 0o711 })
  const home = await realpath(directory)
  const layout = { root: join(home, 'root'), plan: join(home, 'plan'), devices: join(home, 'dev') }
  for (const path of [layout.root, layout.plan, layout.devices])
    await mkdir(path, { recursive: true, mode: 0o755 })
  await prepareDevices(layout.devices)
  return { ...layout, readOnly: await visibleDirectories(extraReadOnly) }
}

async function prepareDevices(directory: string): Promise<void> {
  await mkdir(join(directory, 'shm'), { recursive: true })
  for (const name of DEVICES) await (await open(join(directory, name), 'a')).close()
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const) {
    await symlink(target, join(directory, name)).catch(keepExisting)
  }
}

async function visibleDirectories(extra: readonly string[]): Promise<string[]> {
  const visible: string[] = []
  for (const path of SYSTEM) {
    if ((await realpath(path).catch(() => undefined)) !== undefined) visible.push(path)
  }
  const resolver = await realpath('/etc/resolv.conf').catch(() => undefined)
  for (const path of [...extra, ...(resolver === undefined ? [] : [dirname(resolver)])]) {
    const real = await realpath(path)
    if (!visible.some(shown => real === shown || real.startsWith(`${shown}/`))) visible.push(real)
  }
  return visible
}

function keepExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
