import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { extractTar } from '../archive/extract.ts'
import type { Instant } from '../core/time.ts'
import { hex, isMissing } from './blobs.ts'
import type { Layer } from './image.ts'
import type { Temporaries } from './temporary.ts'

const NO_LIMITS = { entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

/** Unpacked layers, by the digest of their tar. A cache: it is made again when it is gone. */
export class Unpacked {
  readonly #directory: string
  readonly #temporaries: Temporaries
  readonly #running = new Map<string, Promise<string>>()

  constructor(directory: string, temporaries: Temporaries) {
    this.#directory = directory
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

  /** The directory that holds the layer's files. `blob` is where the packed layer is. */
  async directory(layer: Layer, blob: string): Promise<string> {
    const target = join(this.#directory, hex(layer.diffId))
    if (await touched(target)) return target
    const running = this.#running.get(layer.diffId) ?? this.#unpack(layer, blob, target)
    this.#running.set(layer.diffId, running)
    try {
      return await running
    } finally {
      this.#running.delete(layer.diffId)
    }
  }

  /** Removes all but the layers with these tar digests and those asked for since `unusedSince`. */
  async prune(keep: ReadonlySet<string>, unusedSince: Instant): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const diffId = `sha256:${name}`
      if (name === '.boot' || keep.has(diffId) || this.#running.has(diffId)) continue
      const path = join(this.#directory, name)
      if ((await stat(path)).mtimeMs >= unusedSince) continue
      const doomed = this.#temporaries.path()
      await rename(path, doomed)
      await rm(doomed, { recursive: true, force: true })
    }
  }

  async #unpack(layer: Layer, blob: string, target: string): Promise<string> {
    const temporary = this.#temporaries.path()
    try {
      await mkdir(temporary)
      await chmod(temporary, 0o755)
      await extractChecked(layer, blob, temporary)
      await rename(temporary, target).catch(async (error: unknown) => {
        if (!(await exists(target))) throw error
      })
      return target
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }
}

async function extractChecked(layer: Layer, blob: string, into: string): Promise<void> {
  const packed = createHash('sha256')
  const tar = new PassThrough()
  const reading = pipeline(
    createReadStream(blob, { highWaterMark: 256 * 1024 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        packed.update(chunk)
        yield chunk
      }
    },
    createZstdDecompress(),
    tar,
  )
  const signal = new AbortController().signal
  const extracting = extractTar(tar, { into, limits: NO_LIMITS, checkLinks: false, signal })
  // Each ends the other when it fails.
  for (const outcome of await Promise.allSettled([reading, extracting])) {
    if (outcome.status === 'fulfilled') continue
    throw new Error(`Layer ${layer.digest} could not be unpacked.`, { cause: outcome.reason })
  }
  if (`sha256:${packed.digest('hex')}` !== layer.digest)
    throw new Error(`Layer ${layer.digest} is damaged: its content has another digest. Deploy the app again.`)
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
