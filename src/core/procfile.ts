/** Process type → command line. */
export type ProcessTypes = Readonly<Record<string, string>>

export type ProcfileResult = { ok: true; types: ProcessTypes } | { ok: false; line: number; reason: string }

const LINE = /^([A-Za-z0-9_-]{1,128})\s*:\s*(.*)$/

/** Reads a Procfile: one `<type>: <command>` a line; blank lines and `#` comments are skipped. */
export function parseProcfile(text: string): ProcfileResult {
  const types = new Map<string, string>()
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const fault = (reason: string): ProcfileResult => ({ ok: false, line: index + 1, reason })
    const match = LINE.exec(line)
    if (!match)
      return fault('expected `<process type>: <command>`, with letters, digits, - and _ in the type')
    const [, type = '', command = ''] = match
    if (command.trim() === '') return fault(`process type ${type} has no command`)
    if (command.includes('\0')) return fault(`the command of ${type} contains a NUL character`)
    if (types.has(type)) return fault(`process type ${type} is declared twice`)
    types.set(type, command.trim())
  }
  return { ok: true, types: Object.fromEntries(types) }
}

/** The process type whose command runs once, before a release takes over. */
export const RELEASE_TYPE = 'release'

/** Types that make up the formation: all but the release command. */
export function formationTypes(types: ProcessTypes): string[] {
  return Object.keys(types).filter(type => type !== RELEASE_TYPE)
}

/** Why these cannot be process types, as a sentence; undefined when they can. */
export function processTypesFault(types: ProcessTypes): string | undefined {
  for (const [type, command] of Object.entries(types)) {
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(type))
      return `Process type ${JSON.stringify(type.slice(0, 64))} is invalid. Use letters, digits, - and _.`
    if (command.trim() === '' || command.includes('\0'))
      return `Process type ${type} has no command that could be run.`
  }
  return undefined
}
