import type { BlobSize, ImageUsage } from './store.ts'

/** How much of each image's bytes is its own, and how much other images need as well. */
export function usageOf(images: ReadonlyMap<string, readonly BlobSize[]>): Map<string, ImageUsage> {
  const users = new Map<string, number>()
  for (const blobs of images.values())
    for (const { digest } of blobs) users.set(digest, (users.get(digest) ?? 0) + 1)
  const usage = new Map<string, ImageUsage>()
  for (const [image, blobs] of images) {
    let own = 0
    let shared = 0
    for (const { digest, size } of blobs) {
      if (users.get(digest) === 1) own += size
      else shared += size
    }
    usage.set(image, { own, shared, blobs })
  }
  return usage
}

/** Bytes that go when all of `doomed` are removed: what is shared counts once, and only when nobody is left who needs it. */
export function bytesFreed(images: ReadonlyMap<string, ImageUsage>, doomed: Iterable<string>): number {
  const removed = new Set(doomed)
  const kept = new Set<string>()
  for (const [image, { blobs }] of images) {
    if (removed.has(image)) continue
    for (const { digest } of blobs) kept.add(digest)
  }
  const freed = new Map<string, number>()
  for (const image of removed)
    for (const { digest, size } of images.get(image)?.blobs ?? [])
      if (!kept.has(digest)) freed.set(digest, size)
  return [...freed.values()].reduce((sum, size) => sum + size, 0)
}
