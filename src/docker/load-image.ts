import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type Docker from 'dockerode'
import { type Pack, pack } from 'tar-stream'
import { type Duration, minutes } from '../core/time.ts'
import { ask } from './engine.ts'
import { Spool, type Spooled } from './spool.ts'

export interface ImageLoad {
  /** What the image is to be called in the engine: `repository:tag`. */
  name: string
  /** An empty directory with room for the image, packed, and for one of its layers besides. */
  directory: string
}

/** A large image on a slow disk. */
const LOAD_LIMIT: Duration = minutes(10)

/**
 * Gives the engine an image that is an OCI image layout, as the artifact store exports it. Engines before version 25
 * read only their own form of archive, with layers that are not packed. Loading what is there already changes nothing.
 */
export async function loadImage(
  engine: Docker,
  layout: AsyncIterable<Uint8Array>,
  { name, directory, signal }: ImageLoad & { signal: AbortSignal },
): Promise<void> {
  const options = { directory, maxBytes: Number.POSITIVE_INFINITY }
  const spool = await Spool.fill(Readable.from(layout), options, signal)
  const archive = Readable.from(engineArchive(await contentsOf(spool), { name, directory, signal }))
  try {
    const answer = await ask('load an image', engine.loadImage(archive), LOAD_LIMIT)
    for await (const line of answer as AsyncIterable<Buffer>) refuse(line.toString())
  } finally {
    archive.destroy()
  }
  signal.throwIfAborted()
}

interface Contents {
  config: Spooled
  layers: readonly Spooled[]
}

interface Named {
  digest: string
}

async function contentsOf(spool: Spool): Promise<Contents> {
  const blob = ({ digest }: Named) => `blobs/${digest.replace(':', '/')}`
  const index = (await spool.readJson('index.json')) as { manifests: Named[] }
  const [only] = index.manifests
  if (!only) throw new Error('The archive of the image is empty.')
  const manifest = (await spool.readJson(blob(only))) as { config: Named; layers: Named[] }
  return {
    config: spool.find(blob(manifest.config)),
    layers: manifest.layers.map(layer => spool.find(blob(layer))),
  }
}

async function* engineArchive(
  contents: Contents,
  load: ImageLoad & { signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const tar = pack()
  // The reader hears of an error; when it has gone first, nobody is left to hear of it.
  tar.on('error', () => {})
  const writing = write(tar, contents, load).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  try {
    for await (const chunk of tar) yield chunk as Buffer
  } finally {
    tar.destroy()
    await writing
  }
}

async function write(
  tar: Pack,
  { config, layers }: Contents,
  { name, directory, signal }: ImageLoad & { signal: AbortSignal },
): Promise<void> {
  const names = layers.map((_, index) => `${index}/layer.tar`)
  await copy(config.path, tar.entry({ name: 'config.json', size: config.size }))
  for (const [index, layer] of layers.entries()) {
    const unpacked = join(directory, `layer-${index}`)
    const unpacker = layer.packing === 'tar+gzip' ? createGunzip() : createZstdDecompress()
    await pipeline(createReadStream(layer.path), unpacker, createWriteStream(unpacked), { signal })
    await copy(unpacked, tar.entry({ name: names[index] ?? '', size: (await stat(unpacked)).size }))
    await rm(unpacked)
  }
  tar.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: names }]),
  )
}

function copy(path: string, entry: NodeJS.WritableStream): Promise<void> {
  return pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), entry)
}

/** The engine has said that all is well before it finds out what is not. */
function refuse(line: string): void {
  const said = /"error":("(?:[^"\\]|\\.)*")/.exec(line)?.[1]
  if (said !== undefined) throw new Error(`The Docker engine could not load an image: ${JSON.parse(said)}.`)
}
