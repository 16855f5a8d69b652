import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Header } from 'tar-stream'
import { boundedExtract } from './bounded-extract.ts'
import { ArchiveFault } from './inside.ts'

/** One entry of a tar as it goes by: its header, and its bytes, which can be read once. */
export type Entry = AsyncIterable<unknown> & { header: Header; resume(): unknown }

export interface Reading {
  /** Is shown the entries, one after another; what it leaves unread of one is skipped. */
  visit: (entry: Entry) => Promise<void>
  /** Is told of all bytes of the tar as they come, those between and behind the entries as well. Ends it by throwing. */
  count: (bytes: number) => void
  signal: AbortSignal
}

/**
 * Reads a tar stream to its end.
 * Throws {@link ArchiveFault} when the tar, or what it was compressed with, is damaged or cut short.
 */
export async function eachEntry(tar: Readable, { visit, count, signal }: Reading): Promise<void> {
  const entries = boundedExtract()
  // A stream that is ended from both sides may complain once more when nobody listens any longer.
  for (const stream of [tar, entries]) stream.on('error', () => {})
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      count(chunk.length)
      yield chunk
    }
  }
  const piped = pipeline(tar, counted, entries, { signal }).then(
    () => undefined,
    (error: unknown) => error,
  )
  try {
    for await (const entry of entries) {
      await visit(entry)
      entry.resume()
    }
  } catch (error) {
    entries.destroy()
    await piped
    signal.throwIfAborted()
    throw readable(error)
  }
  const fault = await piped
  if (fault !== undefined) throw readable(fault)
}

/** What the readers of gzip, zstd and tar say of a damaged archive, as one sentence. */
function readable(error: unknown): unknown {
  if (error instanceof ArchiveFault || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  // Of the file system, or somebody's own who looked at an entry.
  if (/^E[A-Z]+$/.test(code) || (code === '' && error.name !== 'Error')) return error
  if (error.name === 'AbortError') return error
  return new ArchiveFault(
    'The archive is damaged or cut short. Make it again (a tar, plain or compressed with gzip or zstd) and upload all of it.',
    { cause: error },
  )
}
