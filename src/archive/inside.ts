/** Why an archive, or one of its entries, is refused: a sentence for whoever made it. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault'
}

/** Bytes a path may have. The system allows 4,095, of which some are for where the tree lies. */
const LONGEST_PATH = 3000
/** Bytes the target of a symbolic link may have on any system. */
const LONGEST_TARGET = 4095

/** The clean relative form of an entry's name (`a/b`; '' for the root). Throws {@link ArchiveFault} when it leaves the tree. */
export function entryPath(name: string): string {
  // First: all else takes time for each of its parts.
  if (Buffer.byteLength(name) > LONGEST_PATH)
    throw new ArchiveFault(
      `${quote(name.slice(0, 80))} is the beginning of a path of more than ${LONGEST_PATH.toLocaleString('en')} bytes. Give it shorter names, or fewer directories.`,
    )
  if (name.startsWith('/'))
    throw new ArchiveFault(
      `${quote(name)} is an absolute path. Archive the files with paths relative to the app's root.`,
    )
  const parts = name.split('/').filter(part => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw new ArchiveFault(
      `${quote(name)} contains "..", which leaves the archive. Archive the files with paths relative to the app's root.`,
    )
  if (name.includes('\0'))
    throw new ArchiveFault(`${quote(name)} contains a NUL character, which no file name can hold.`)
  if (parts.some(part => Buffer.byteLength(part) > 255))
    throw new ArchiveFault(
      `${quote(name.slice(0, 80))} has a part longer than 255 bytes. Give it a shorter name.`,
    )
  return parts.join('/')
}

/** Refuses the target of a symbolic link at `path` that no link can have, wherever it leads. */
export function checkTarget(path: string, target: string): void {
  const fault =
    target === ''
      ? 'leads to nothing'
      : target.includes('\0')
        ? 'leads to a name with a NUL character, which no file name can hold'
        : Buffer.byteLength(target) > LONGEST_TARGET
          ? `leads to a path of more than ${LONGEST_TARGET.toLocaleString('en')} bytes`
          : undefined
  if (fault !== undefined)
    throw new ArchiveFault(`The link ${quote(path)} ${fault}. Make it lead to a file, or remove it.`)
}

/**
 * Refuses a symbolic link at `path` that may lead out of the tree. `..` is allowed only at the beginning of the target:
 * behind a name it would climb from wherever that name leads, which need not be where it seems to be.
 */
export function checkLink(path: string, target: string): void {
  const parts = target.split('/').filter(part => part !== '' && part !== '.')
  const climbs = parts.findIndex(part => part !== '..')
  const names = climbs === -1 ? [] : parts.slice(climbs)
  const up = climbs === -1 ? parts.length : climbs
  const depth = path.split('/').length - 1
  if (target.startsWith('/') || names.includes('..') || up > depth) {
    throw new ArchiveFault(
      `The link ${quote(path)} leads to ${quote(target)}, outside the archive. Make it a relative link to a file of the app, or remove it.`,
    )
  }
}

/**
 * Refuses a symbolic link in an image's `app/` that climbs out of the image. Elsewhere, and when it is absolute, a link
 * leads to somewhere in the file system that the image is shown in, whatever its target.
 */
export function checkImageLink(path: string, target: string): void {
  if (!isInApp(path) || target.startsWith('/')) return
  let depth = path.split('/').length - 1
  for (const part of target.split('/')) {
    if (part !== '' && part !== '.') depth += part === '..' ? -1 : 1
    if (depth < 0)
      throw new ArchiveFault(
        `The link ${quote(path)} leads to ${quote(target)}, outside the image. Make it lead to a file of the image, or remove it.`,
      )
  }
}

/** Whether a clean path of an image is the app's directory or below it. */
export function isInApp(path: string): boolean {
  return path === 'app' || path.startsWith('app/')
}

/** What is said of devices, pipes and the like. */
export function unknownKind(name: string, type: string | null | undefined): ArchiveFault {
  return new ArchiveFault(
    `${quote(name)} is a ${type ?? 'thing of unknown type'}. Only files, directories and links can be part of an app.`,
  )
}

/** Whether a symbolic link of a finished app leads to a place that exists where the app runs: the app, or the stack's programs. */
export function leadsWithinImage(path: string, target: string): boolean {
  if (/^\/(usr|bin|sbin|lib|lib64)(\/|$)/.test(target)) return !target.split('/').includes('..')
  const relative = target.startsWith('/app/') || target === '/app' ? target.slice('/app'.length) : undefined
  if (relative === undefined && target.startsWith('/')) return false
  let depth = relative === undefined ? path.split('/').length - 1 : 0
  for (const part of (relative ?? target).split('/')) {
    if (part === '' || part === '.') continue
    depth += part === '..' ? -1 : 1
    if (depth < 0) return false
  }
  return true
}

function quote(text: string): string {
  return JSON.stringify(text)
}
