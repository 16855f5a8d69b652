import { join } from 'node:path'
import type { Collector } from '../artifacts/collector.ts'
import { weigh } from '../artifacts/usage.ts'
import type { App } from '../core/app.ts'
import type { AppBytes } from '../core/disk.ts'
import { isNotFound } from '../core/errors.ts'
import { bytesOf } from '../files/bytes-of.ts'
import type { Storage } from './storage.ts'

const EVERYTHING = { after: '', limit: Number.MAX_SAFE_INTEGER }

/** What each of these apps takes; one that is destroyed meanwhile takes nothing, and is left out. */
export async function bytesOfApps(
  { storage, collector }: { storage: Storage; collector: Collector },
  apps: readonly App[],
): Promise<AppBytes[]> {
  const { ledger, store, repositories, paths } = storage
  const usage = await store.usage()
  const outputs = await buildOutputs(storage)
  const measured: AppBytes[] = []
  for (const { id } of apps) {
    const next = await unlessDestroyed(collector.preview(id))
    if (!next) continue
    const artifacts = await ledger.read.artifacts.alive(id, EVERYTHING)
    const images = artifacts.map(({ digest }) => digest)
    const elsewhere = await ledger.read.artifacts.usedElsewhere(id, images)
    measured.push({
      appId: id,
      releases: weigh(usage, images, elsewhere),
      repository: await repositories.size(id),
      buildCache: await bytesOf(join(paths.caches, id)),
      logs: (await bytesOf(join(paths.logs, id))) + (outputs.get(id) ?? 0),
      reclaimable: await collector.reclaimable(next, usage),
    })
  }
  return measured
}

/** Bytes of what builds printed, by app. */
async function buildOutputs({ ledger, transcripts }: Storage): Promise<Map<string, number>> {
  const sizes = await transcripts.sizes()
  const bytes = new Map<string, number>()
  for (const [build, appId] of await ledger.read.builds.appsOf([...sizes.keys()]))
    bytes.set(appId, (bytes.get(appId) ?? 0) + (sizes.get(build) ?? 0))
  return bytes
}

async function unlessDestroyed<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(error => {
    if (isNotFound(error)) return undefined
    throw error
  })
}
