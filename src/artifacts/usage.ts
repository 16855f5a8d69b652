import type { BlobSize, ImageUsage, StoreUsage } from './store.ts'

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

/** What images take on disk: bytes that only they need, and bytes that others need as well. */
export interface Weight {
  own: number
  shared: number
}

/**
 * Weighs some of the images there are, together: what they have in common counts once. Others need all the rest, and of
 * these the images `elsewhere`.
 */
export function weigh(
  { images }: Pick<StoreUsage, 'images'>,
  digests: readonly string[],
  elsewhere: ReadonlySet<string> = new Set(),
): Weight {
  const weighed = new Set(digests)
  const others = new Set<string>()
  for (const [digest, image] of images)
    if (!weighed.has(digest) || elsewhere.has(digest)) for (const blob of image.blobs) others.add(blob.digest)
  const sizes = new Map<string, number>()
  for (const digest of weighed)
    for (const blob of images.get(digest)?.blobs ?? []) sizes.set(blob.digest, blob.size)
  const weight = { own: 0, shared: 0 }
  for (const [digest, size] of sizes) weight[others.has(digest) ? 'shared' : 'own'] += size
  return weight
}
