import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { MTIME } from './pack.ts'

/** A file that is to be packed: what it is called, how long it is, and where its bytes come from. */
export interface PackedFile {
  name: string
  size: number
  content(): AsyncIterable<Uint8Array>
}

/** A tar of `files`, in their order, as a stream of bytes. The same files are the same bytes, whenever they are packed. */
export async function* packFiles(files: Iterable<PackedFile>): AsyncGenerator<Buffer> {
  const tar = pack()
  // The reader hears of an error; when it has gone first, nobody is left to hear of it.
  tar.on('error', () => {})
  const writing = writeFiles(tar, files).then(
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

async function writeFiles(tar: Pack, files: Iterable<PackedFile>): Promise<void> {
  for (const { name, size, content } of files) {
    const header = { name, size, type: 'file' as const, mode: 0o644, uid: 0, gid: 0, mtime: MTIME }
    await pipeline(content(), tar.entry(header))
  }
}
