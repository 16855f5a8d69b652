import { createHash } from 'node:crypto'

/** The images of artifacts are called so, with a tag for each. */
export const REPOSITORY = 'tidemark/app'
/** On images: the digest of the artifact that one runs; empty on what is only a part of one. */
export const IMAGE_LABEL = 'tidemark.image'
/** On images, and on containers while they become one: what it is made of. */
export const LAYER_LABEL = 'tidemark.layer'

/** What an image is made for. `stack` is the image below, by its id; null for one that brings a system of its own. */
interface Made {
  platform: string
  digest: string
  stack: string | null
  uid: number
}

/** Another word whenever such an image is made in another way: those that were made before are made anew. */
const OWN_SYSTEM = 'own system, and nobody is root'

export function imageName({ platform, digest, stack, uid }: Made): string {
  return `${tagOf(digest)}-${keyOf(platform, stack ?? OWN_SYSTEM, uid, digest).slice(0, 12)}`
}

/** Whether an image of ours has this name for an artifact among `digests`. */
export function nameChecker(digests: readonly string[]): (name: string) => boolean {
  const tags = new Set(digests.map(tagOf))
  return name => tags.has(name.slice(0, name.lastIndexOf('-')))
}

/** What says of each layer what is in it and below. A layer's directory is named by its content, and never changes. */
export function layerKeys(
  { platform, stack, uid }: Pick<Made, 'platform' | 'stack' | 'uid'>,
  directories: readonly string[],
): string[] {
  let key = keyOf(platform, stack ?? '', uid)
  return directories.map(directory => {
    key = keyOf(key, directory)
    return key
  })
}

/** The same of an image that runs as it is. */
export function wholeKey({ platform, digest }: Pick<Made, 'platform' | 'digest'>): string {
  return keyOf(platform, digest)
}

/** A digest as it can stand in the name of an image. */
function shorten(digest: string): string {
  return digest
    .replace(/^sha256:/, '')
    .replace(/[^\w.-]/g, '-')
    .slice(0, 64)
}

function tagOf(digest: string): string {
  return `${REPOSITORY}:${shorten(digest)}`
}

function keyOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
