import { constants, open, readFile } from 'node:fs/promises'
import { type Header, type Pack, pack } from 'tar-stream'
import type { TreeEntry } from './tree.ts'

/** One moment for all files, so that the same content is the same tar. Not 0: zip cannot say times before 1980. */
export const MTIME = new Date('1980-01-01T00:00:01Z')

/** Files up to this size are read whole, ahead of their turn. */
const SMALL = 1024 * 1024
const AHEAD = 32

/** Whose the files of a tar are. */
interface Owner {
  uid: number
  gid: number
}

const ROOT: Owner = { uid: 0, gid: 0 }

/**
 * A tar of `entries` under `prefix` (`app`), as a stream of bytes. Only names, content, links and the executable bit go
 * into it: whoever packs the same tree for the same owner, whenever, gets the same bytes.
 */
export async function* packTree(
  entries: readonly TreeEntry[],
  prefix: string,
  owner: Owner = ROOT,
): AsyncGenerator<Buffer> {
  const tar = pack()
  // The reader hears of an error; when it has gone first, nobody is left to hear of it.
  tar.on('error', () => {})
  const writing = writeEntries({ tar, owner: ownedBy(owner) }, entries, prefix).then(
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

/** The largest number a tar's own header has room for; what is larger is said in an extension of it. */
const MAX_ID = 0o777_777

function ownedBy({ uid, gid }: Owner): Partial<Header> {
  if (uid <= MAX_ID && gid <= MAX_ID) return { uid, gid }
  return { uid: 0, gid: 0, pax: { uid: String(uid), gid: String(gid) } }
}

interface Target {
  tar: Pack
  owner: Partial<Header>
}

async function writeEntries(to: Target, entries: readonly TreeEntry[], prefix: string): Promise<void> {
  await writeEntry(to, { name: prefix, type: 'directory', mode: 0o755 }, undefined)
  const ahead: Promise<Buffer | undefined>[] = []
  for (const [index, entry] of entries.entries()) {
    while (ahead.length < AHEAD && index + ahead.length < entries.length)
      ahead.push(readSmall(entries[index + ahead.length]))
    const content = await ahead.shift()
    const name = `${prefix}/${entry.path}`
    if (entry.kind === 'directory') await writeEntry(to, { name, type: 'directory', mode: 0o755 }, undefined)
    else if (entry.kind === 'link')
      await writeEntry(to, { name, type: 'symlink', mode: 0o777, linkname: entry.target }, undefined)
    else if (content) await writeEntry(to, fileHeader(entry, name), content)
    else await writeLarge(to, entry, fileHeader(entry, name))
  }
}

type TarHeader = Partial<Header> & Pick<Header, 'name'>

type FileEntry = Extract<TreeEntry, { kind: 'file' }>

/** No link is followed: what was a file when the tree was read must still be one. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW

function readSmall(entry: TreeEntry | undefined): Promise<Buffer | undefined> {
  if (entry?.kind !== 'file' || entry.size > SMALL) return Promise.resolve(undefined)
  const reading = readFile(entry.source, { flag: READ })
  // A failure is met when its turn comes; until then it must not count as unhandled.
  reading.catch(() => {})
  return reading
}

function fileHeader(entry: FileEntry, name: string): TarHeader {
  return { name, type: 'file', mode: entry.executable ? 0o755 : 0o644, size: entry.size }
}

function writeEntry({ tar, owner }: Target, header: TarHeader, content: Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    const whole = { ...header, ...owner, mtime: MTIME }
    if (content) tar.entry(whole, content, done)
    else tar.entry(whole, done)
  })
}

async function writeLarge({ tar, owner }: Target, entry: FileEntry, header: TarHeader): Promise<void> {
  await using file = await open(entry.source, READ)
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    const sink = tar.entry({ ...header, ...owner, mtime: MTIME }, done)
    file
      .createReadStream({ highWaterMark: 256 * 1024, autoClose: false })
      .on('error', reject)
      .pipe(sink)
  })
}
