/** One line of a mount table, in the words of fstab(5). */
export interface FstabEntry {
  source: string
  target: string
  type: string
  options: readonly string[]
}

/** The table as `mount --all --fstab` reads it. Throws when an option could be taken for two. */
export function formatFstab(entries: readonly FstabEntry[]): string {
  return entries.map(formatEntry).join('')
}

function formatEntry({ source, target, type, options }: FstabEntry): string {
  const unsafe = options.find(option => /[\s,\\"]/.test(option))
  if (unsafe !== undefined) {
    throw new Error(
      `Mount option ${JSON.stringify(unsafe)} holds a blank, comma, quote or backslash, which mount would misread.`,
    )
  }
  return `${escapeField(source)} ${escapeField(target)} ${type} ${options.join(',')} 0 0\n`
}

/** A field of fstab: blanks, line breaks and backslashes are written in octal; `#` too, as it begins a comment. */
function escapeField(field: string): string {
  if (field.includes('\0'))
    throw new Error('A path to mount contains a NUL character, which no file system can hold.')
  return field.replace(/[\s\\#]/g, char => {
    return [...Buffer.from(char)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  })
}
