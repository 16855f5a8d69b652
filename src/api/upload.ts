import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../core/errors.ts'
import { isDiskFull } from '../files/disk-full.ts'
import { asFarAsWanted } from './streamed-bodies.ts'

/** The largest source that is accepted, in bytes. */
const MAX_SOURCE_BYTES = 500_000_000
const TORN = '.part'
const FULL = 'The disk of the platform is full. Free some space and send the source again.'

/**
 * Stores what is uploaded as `file`, which is there whole or not at all, whenever the power fails. Throws
 * `request_too_large`, `service_unavailable` when the disk is full, and `bad_request` when there was nothing or the
 * client went away half-way.
 */
export async function storeUpload(body: Readable | undefined, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const part = `${file}.${randomUUID()}${TORN}`
  try {
    const bytes = body ? await receive(body, part) : 0
    if (bytes === 0)
      throw new UserError('bad_request', 'The upload is empty. PUT a gzipped tarball of the source code.')
    await sync(part)
    await rename(part, file)
    await sync(dirname(file))
  } finally {
    await rm(part, { force: true })
  }
}

/** Removes what uploads left behind that a crash cut short. */
export async function removeTornUploads(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const torn = (await readdir(directory)).filter(name => name.endsWith(TORN))
  await Promise.all(torn.map(name => rm(join(directory, name), { force: true })))
}

async function receive(body: Readable, part: string): Promise<number> {
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= MAX_SOURCE_BYTES) done(null, chunk)
      else
        done(
          new UserError(
            'request_too_large',
            'The source is too large: at most 500 MB are accepted. Leave out what the build does not need, for example with .slugignore.',
          ),
        )
    },
  })
  try {
    await pipeline(asFarAsWanted(body), count, createWriteStream(part, { mode: 0o600, flags: 'wx' }))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
      throw new UserError('bad_request', 'The upload was cut off. Send it again.')
    if (isDiskFull(error)) throw new UserError('service_unavailable', FULL)
    throw error
  }
  return bytes
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
