import { unguessable } from '../../../docker/unguessable.ts'

/** The images of artifacts are called so, with a tag for each. */
export const REPOSITORY = 'tidemark/app'
/** On images: the digest of the artifact that one runs; empty on what is only a part of one. */
export const IMAGE_LABEL = 'tidemark.image'
/** On images, and on containers while they become one: what it is made of. */
export const LAYER_LABEL = 'tidemark.layer'

/** What an image is made for. `stack` is the image below, by its id; null for one that brings a system of its own. */
interface Made {
  /** The platform's own: names and layers are known to who has it. */
  key: Uint8Array
  digest: string
  stack: string | null
  uid: number
}

/** Another word whenever such an image is made in another way: those that were made before are made anew. */
const OWN_SYSTEM = 'own system, and nobody is root'

export function imageName({ key, digest, stack, uid }: Made): string {
  return `${tagOf(key, digest)}-${unguessable(key, stack ?? OWN_SYSTEM, uid, digest).slice(0, 12)}`
}

/** Whether an image of ours has this name for an artifact among `digests`. */
export function nameChecker(key: Uint8Array, digests: readonly string[]): (name: string) => boolean {
  const tags = new Set(digests.map(digest => tagOf(key, digest)))
  return name => tags.has(name.slice(0, name.lastIndexOf('-')))
}

/** What says of each layer what is in it and below. A layer's directory is named by its content, and never changes. */
export function layerKeys(
  { key, stack, uid }: Pick<Made, 'key' | 'stack' | 'uid'>,
  directories: readonly string[],
): string[] {
  let below = unguessable(key, stack ?? '', uid)
  return directories.map(directory => {
    below = unguessable(key, below, directory)
    return below
  })
}

/** The same of an image that runs as it is. */
export function wholeKey({ key, digest }: Pick<Made, 'key' | 'digest'>): string {
  return unguessable(key, digest)
}

function tagOf(key: Uint8Array, digest: string): string {
  return `${REPOSITORY}:${unguessable(key, 'name', digest).slice(0, 40)}`
}
