import { readdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildCache } from '../core/disk.ts'
import type { Instant } from '../core/time.ts'
import { bytesOf } from '../files/bytes-of.ts'
import { unlessMissing } from '../files/missing.ts'
import type { Storage } from './storage.ts'

/** The build caches there are. A build notes its use by touching the cache's directory. */
export async function buildCaches(
  { ledger, paths }: Pick<Storage, 'ledger' | 'paths'>,
  now: Instant,
): Promise<BuildCache[]> {
  const building = new Set((await ledger.read.builds.pending()).map(({ appId }) => appId))
  const names = await readdir(paths.caches).catch(() => [])
  const caches = names.map(async appId => {
    const path = join(paths.caches, appId)
    const { mtimeMs } = await stat(path)
    return {
      ...{ appId, bytes: await bytesOf(path), isInUse: building.has(appId) },
      unusedFor: now - mtimeMs,
    }
  })
  // One that vanishes meanwhile is none any more.
  return (await Promise.allSettled(caches)).flatMap(found =>
    found.status === 'fulfilled' ? [found.value] : [],
  )
}

/** Notes that an app's build cache, if there is one, was used now. */
export async function noteUse({ paths }: Pick<Storage, 'paths'>, appId: string, now: Instant): Promise<void> {
  const at = new Date(now)
  await unlessMissing(utimes(join(paths.caches, appId), at, at))
}
