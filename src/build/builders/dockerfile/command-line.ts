/** What an image runs, as its configuration has it. */
export interface ImageCommand {
  entrypoint: readonly string[]
  cmd: readonly string[]
}

/** Words that only a shell understands at the beginning of a command. */
const SHELL_WORD =
  /^(?:[A-Za-z_]\w*=|(?:exec|cd|export|unset|eval|set|source|if|while|until|for|case|ulimit|umask|trap|\.|!|\{|\[\[)(?:\s|$))/
const SHELL = /^(?:.*\/)?(?:ba|da|a|z|k|mk)?sh$/
/** By which a script takes what comes after it. */
const ARGUMENTS = /\$\{?[@*#\d]/
const SHELL_OPERATOR = /[;&|<>()`\n]/

/** The command line by which a shell runs just what the image says; undefined when it says nothing. */
export function commandLineOf({ entrypoint, cmd }: ImageCommand): string | undefined {
  const words = [...entrypoint, ...cmd]
  const line = shellScript(words) ?? words.map(quoted).join(' ')
  return line.trim() === '' ? undefined : line
}

/**
 * The command line of a process type whose command is given: it takes the place of the image's CMD, so that the
 * ENTRYPOINT stays before it, as with `docker run`. What takes a shell to read is handed over as a script.
 */
export function commandLineWith(entrypoint: readonly string[], command: string): string {
  if (entrypoint.length === 0) return command
  const before = entrypoint.map(quoted).join(' ')
  // A shell that is to run what comes next takes one word for it, and the others for its arguments.
  if (awaitsScript(entrypoint)) return `${before} ${quoted(command)}`
  const isPlain = !SHELL_WORD.test(command) && !SHELL_OPERATOR.test(command)
  return isPlain ? `${before} ${command}` : `${before} /bin/sh -c ${quoted(command)}`
}

/** Whether an entrypoint is in shell form, whose script looks at nothing that comes after it: it runs in place of any command. */
export function ignoresCommand(entrypoint: readonly string[]): boolean {
  return awaitsScript(entrypoint.slice(0, -1)) && !ARGUMENTS.test(entrypoint.at(-1) ?? '')
}

/** The script of an instruction in shell form. */
function shellScript(words: readonly string[]): string | undefined {
  const [shell, flag, script, ...more] = words
  return shell === '/bin/sh' && flag === '-c' && more.length === 0 ? script : undefined
}

function awaitsScript(words: readonly string[]): boolean {
  return words.some(word => SHELL.test(word)) && /^-[a-z]*c$/.test(words.at(-1) ?? '')
}

/** A word as a POSIX shell reads it back unchanged. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
