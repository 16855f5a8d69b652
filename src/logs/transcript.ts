import { EventEmitter, once } from 'node:events'
import { createReadStream } from 'node:fs'
import { appendFile, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The output of a build or a release command: written once, in order, and readable from any byte on, while it is being
 * written and after. Kept as files, `<id>.log` while it grows and `<id>.done` once it has ended.
 */
export class Transcripts {
  readonly #directory: string
  readonly #growing = new Map<string, Transcript>()
  readonly #begun = new EventEmitter().setMaxListeners(0)

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Begins a transcript, or goes on with one that a restart cut short. */
  async open(id: string): Promise<Transcript> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const transcript = new Transcript(join(this.#directory, id), () => this.#growing.delete(id))
    // Known as growing before there is a file, so that nobody takes the file for all there will be.
    this.#growing.set(id, transcript)
    this.#begun.emit(id)
    await transcript.begun.catch(error => {
      this.#growing.delete(id)
      throw error
    })
    return transcript
  }

  /**
   * The bytes from `offset` on: to the end, when it has ended; else as they come, until it ends or `signal` aborts.
   * Undefined when there is no such transcript (yet).
   */
  async read(id: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Buffer> | undefined> {
    const growing = this.#growing.get(id)
    const path = join(this.#directory, id)
    if (growing) return growing.follow(offset, signal)
    for (const file of [`${path}.done`, `${path}.log`]) {
      if ((await size(file)) === undefined) continue
      return (
        this.#growing.get(id)?.follow(offset, signal) ?? createReadStream(file, { start: offset, signal })
      )
    }
    return undefined
  }

  /** Whether it was begun. */
  async exists(id: string): Promise<boolean> {
    if (this.#growing.has(id)) return true
    const sizes = await Promise.all([
      size(join(this.#directory, `${id}.done`)),
      size(join(this.#directory, `${id}.log`)),
    ])
    return sizes.some(bytes => bytes !== undefined)
  }

  /** Waits until it was begun, or `signal` aborts. */
  async begun(id: string, signal: AbortSignal): Promise<void> {
    // Listening before looking, so that what begins in between is not missed.
    const found = new AbortController()
    const begun = once(this.#begun, id, { signal: AbortSignal.any([signal, found.signal]) }).catch(() => [])
    if (await this.exists(id)) found.abort()
    await begun
  }

  /** Ids of those that were begun and not ended: growing, or cut short by a crash. */
  async unfinished(): Promise<string[]> {
    const names = await readdir(this.#directory).catch(() => [])
    return names.filter(name => name.endsWith('.log')).map(name => name.slice(0, -'.log'.length))
  }

  /** How long it is when it is complete: nothing will be added. Undefined while it grows, or when there is none. */
  async finalSize(id: string): Promise<number | undefined> {
    return size(join(this.#directory, `${id}.done`))
  }

  /** Bytes of each there is, by id. */
  async sizes(): Promise<Map<string, number>> {
    const names = await readdir(this.#directory).catch(() => [])
    const found = names.map(async name => {
      const id = name.replace(/\.(log|done)$/, '')
      return [id, (await size(join(this.#directory, name))) ?? 0] as const
    })
    return new Map(await Promise.all(found))
  }

  async remove(id: string): Promise<void> {
    const path = join(this.#directory, id)
    await Promise.all([rm(`${path}.log`, { force: true }), rm(`${path}.done`, { force: true })])
  }
}

export class Transcript {
  readonly #path: string
  readonly #onEnd: () => void
  readonly #changes = new EventEmitter().setMaxListeners(0)
  /** Settled once its file is there; a full disk shows when it is read. */
  readonly begun: Promise<void>
  #writing: Promise<void>
  #hasEnded = false

  constructor(path: string, onEnd: () => void) {
    this.#path = path
    this.#onEnd = onEnd
    this.begun = appendFile(`${path}.log`, '', { mode: 0o600 })
    this.#writing = this.begun.catch(() => {})
  }

  /** Adds text; order is kept. A full disk loses text, never the build. */
  write(text: string): void {
    this.#writing = this.#writing
      .then(() => appendFile(`${this.#path}.log`, text, { mode: 0o600 }))
      .catch(() => {})
      .then(() => void this.#changes.emit('change'))
  }

  /** Puts text at its place, in bytes from the beginning: done twice, it is there once. Resolves when it is written. */
  async place(offset: number, text: string): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeAt(`${this.#path}.log`, offset, Buffer.from(text)))
      .catch(() => {})
      .then(() => void this.#changes.emit('change'))
    await this.#writing
  }

  async end(): Promise<void> {
    this.write('')
    await this.#writing
    await rename(`${this.#path}.log`, `${this.#path}.done`).catch(() => {})
    this.#hasEnded = true
    this.#onEnd()
    this.#changes.emit('change')
  }

  async *follow(offset: number, signal: AbortSignal): AsyncIterable<Buffer> {
    await this.begun
    // Held open, so that the file may get its last name meanwhile.
    await using file = await open(`${this.#path}.log`).catch(() => open(`${this.#path}.done`))
    let at = offset
    while (true) {
      // Asked before looking, so that what is written between the look and the wait is not missed.
      const abort = new AbortController()
      const changed = once(this.#changes, 'change', {
        signal: AbortSignal.any([signal, abort.signal]),
      }).catch(() => [])
      const isLast = this.#hasEnded
      for await (const chunk of readFrom(file, at)) {
        at += chunk.length
        yield chunk
      }
      if (isLast || signal.aborted) return abort.abort()
      await changed
    }
  }
}

async function writeAt(path: string, offset: number, bytes: Buffer): Promise<void> {
  await using file = await open(path, 'r+')
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten
  }
}

const CHUNK_BYTES = 64 * 1024

/** What is in the file now, from a byte on. */
async function* readFrom(file: FileHandle, offset: number): AsyncGenerator<Buffer> {
  for (let at = offset; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

async function size(path: string): Promise<number | undefined> {
  return stat(path).then(
    found => found.size,
    () => undefined,
  )
}
