import { ArchiveFault } from './inside.ts'

/** What a layer takes away of the layers below it: one thing, or all that was in a directory. */
export type Whiteout = { kind: 'remove'; path: string } | { kind: 'empty'; path: string }

const MARK = '.wh.'
const OPAQUE = '.wh..wh..opq'

/**
 * What the entry at a clean path removes (OCI: `.wh.NAME`), `ignored` for the marks of older programs that mean nothing
 * here, undefined for any other entry. Throws an ArchiveFault for one that names no file.
 */
export function whiteout(path: string): Whiteout | 'ignored' | undefined {
  const parts = path.split('/')
  const at = parts.findIndex(part => part.startsWith(MARK))
  if (at === -1) return undefined
  const name = parts[at] ?? ''
  const directory = parts.slice(0, at).join('/')
  if (name === OPAQUE) return { kind: 'empty', path: directory }
  if (name.startsWith(`${MARK}${MARK}`)) return 'ignored'
  const removed = name.slice(MARK.length)
  if (removed === '' || removed === '.' || removed === '..' || at !== parts.length - 1)
    throw new ArchiveFault(
      `${JSON.stringify(path)} says that something of a lower layer is removed, but not what. Build the image anew.`,
    )
  return { kind: 'remove', path: directory === '' ? removed : `${directory}/${removed}` }
}
