import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { extractTar } from '../archive/extract.ts'
import { isInApp } from '../archive/inside.ts'
import { type Whiteout, whiteout } from '../archive/whiteout.ts'
import type { Instant } from '../core/time.ts'
import { isMissing } from '../files/missing.ts'
import { type Blobs, hex } from './blobs.ts'
import { diskBytes } from './disk-bytes.ts'
import type { Layer } from './image.ts'
import { readLayer } from './layer-tar.ts'
import { mergeLayers, type UnpackedLayer } from './merged.ts'
import type { Temporaries } from './temporary.ts'

const NO_LIMITS = { entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
/** Beside `app/`, in a layer that takes something of lower layers away. */
const WHITEOUTS = 'whiteouts.json'

/**
 * The `app/` of layers, unpacked, by the digest of their tar; and of several merged, by that of their digests. A cache:
 * it is made again when it is gone.
 */
export class Unpacked {
  readonly #directory: string
  readonly #blobs: Blobs
  readonly #temporaries: Temporaries
  readonly #running = new Map<string, Promise<string>>()

  constructor(directory: string, blobs: Blobs, temporaries: Temporaries) {
    this.#directory = directory
    this.#blobs = blobs
    this.#temporaries = temporaries
  }

  /**
   * Drops what an earlier boot of the machine left: unpacked files are not synced, so after a power failure they may
   * not hold what they held.
   */
  async open(): Promise<void> {
    const mark = join(this.#directory, '.boot')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')
    const last = await readFile(mark, 'utf8').catch(() => undefined)
    if (last === boot && boot !== 'unknown') return
    for (const name of await readdir(this.#directory))
      await rm(join(this.#directory, name), { recursive: true, force: true })
    await writeFile(mark, boot)
  }

  /** The directories that hold an image's files, lowest first. Throws when a layer's blob is not what it was. */
  async directories(layers: readonly Layer[], signal: AbortSignal): Promise<readonly string[]> {
    const unpacked: UnpackedLayer[] = []
    for (const layer of layers) {
      signal.throwIfAborted()
      const directory = await this.#layer(layer)
      unpacked.push({ directory, whiteouts: await readWhiteouts(directory) })
    }
    if (unpacked.some(({ whiteouts }) => whiteouts.length > 0))
      return [await this.#once(mergedId(layers), into => mergeLayers(unpacked, into))]
    // The same layer twice is as good as its upper place alone, and no file system takes one twice.
    return unpacked.map(({ directory }) => directory).filter((one, i, all) => !all.includes(one, i + 1))
  }

  /** Removes all but those of the images with these layers, and those asked for since `unusedSince`. */
  async prune(images: readonly (readonly Layer[])[], unusedSince: Instant): Promise<void> {
    const keep = new Set(images.flatMap(layers => [mergedId(layers), ...layers.map(({ diffId }) => diffId)]))
    for (const name of await readdir(this.#directory)) {
      const id = `sha256:${name}`
      if (name === '.boot' || keep.has(id) || this.#running.has(id)) continue
      const path = join(this.#directory, name)
      if ((await stat(path)).mtimeMs >= unusedSince) continue
      const doomed = this.#temporaries.path()
      await rename(path, doomed)
      await rm(doomed, { recursive: true, force: true })
    }
  }

  bytes(): Promise<number> {
    return diskBytes(this.#directory)
  }

  async #layer(layer: Layer): Promise<string> {
    let isFresh = false
    const directory = await this.#once(layer.diffId, async into => {
      isFresh = true
      await this.#unpack(layer, into)
    })
    const fault = isFresh ? undefined : await this.#blobs.change(layer)
    if (fault !== undefined) throw new Error(`${fault} Deploy the app again.`)
    return directory
  }

  /** The directory `id`, which `make` fills if it is not there; one at a time does. */
  async #once(id: string, make: (into: string) => Promise<void>): Promise<string> {
    const target = join(this.#directory, hex(id))
    if (await touched(target)) return target
    const running = this.#running.get(id) ?? this.#make(target, make)
    this.#running.set(id, running)
    try {
      return await running
    } finally {
      this.#running.delete(id)
    }
  }

  async #make(target: string, make: (into: string) => Promise<void>): Promise<string> {
    const temporary = this.#temporaries.path()
    try {
      await mkdir(temporary)
      await chmod(temporary, 0o755)
      await make(temporary)
      await rename(temporary, target).catch(async (error: unknown) => {
        if (!(await exists(target))) throw error
      })
      return target
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }

  async #unpack(layer: Layer, into: string): Promise<void> {
    const whiteouts: Whiteout[] = []
    const wants = (path: string) => {
      const removed = whiteout(path)
      if (removed === undefined) return isInApp(path)
      if (removed !== 'ignored' && mayConcernApp(removed)) whiteouts.push(removed)
      return false
    }
    const signal = new AbortController().signal
    const isRight = await this.#blobs.watch(layer.digest, async () => {
      const blob = createReadStream(this.#blobs.path(layer.digest), { highWaterMark: 256 * 1024 })
      const { digest, diffId } = await readLayer(blob, layer.mediaType, tar =>
        extractTar(tar, { into, limits: NO_LIMITS, checkLinks: false, wants, signal }),
      ).catch((cause: unknown) => {
        throw new Error(`Layer ${layer.digest} could not be unpacked.`, { cause })
      })
      return digest === layer.digest && diffId === layer.diffId
    })
    if (!isRight)
      throw new Error(
        `Layer ${layer.digest} is damaged: its content has another digest. Deploy the app again.`,
      )
    await mkdir(join(into, 'app'), { recursive: true })
    if (whiteouts.length > 0) await writeFile(join(into, WHITEOUTS), JSON.stringify(whiteouts))
  }
}

/** By which the merged form of these layers is known. */
function mergedId(layers: readonly Layer[]): string {
  const ids = layers.map(({ diffId }) => diffId).join('\n')
  return `sha256:${createHash('sha256').update(`merged\n${ids}`).digest('hex')}`
}

function mayConcernApp({ kind, path }: Whiteout): boolean {
  return isInApp(path) || (kind === 'empty' && path === '')
}

async function readWhiteouts(directory: string): Promise<readonly Whiteout[]> {
  const text = await readFile(join(directory, WHITEOUTS), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '[]'
    throw error
  })
  return JSON.parse(text)
}

/** Whether it is there; if so, notes that it was asked for. */
async function touched(path: string): Promise<boolean> {
  const now = new Date()
  return utimes(path, now, now).then(
    () => true,
    () => false,
  )
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
