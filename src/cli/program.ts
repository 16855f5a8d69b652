import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { COMMANDS, type Entry } from './commands.ts'
import type { Session } from './session.ts'

/**
 * The command line as commander sees it. Every command is listed, and only the one that `argv` names is loaded, so
 * that the rest costs nothing.
 */
export async function createProgram(argv: readonly string[], session: Session): Promise<Command> {
  const program = bareProgram(session)
  const words = argv.filter(word => !word.startsWith('-'))
  const wanted = words[0] === 'help' ? words[1] : words[0]
  for (const entry of COMMANDS) {
    const command = addCommand(program, entry)
    const isWanted = wanted !== undefined && [entry.name, ...(entry.aliases ?? [])].includes(wanted)
    if (isWanted) (await entry.load()).define(command, session)
  }
  if (argv.length === 0) program.help()
  return program
}

/** The command line with every command loaded, for what has to know them all. */
export async function completeProgram(session: Session): Promise<Command> {
  const program = bareProgram(session)
  for (const entry of COMMANDS) (await entry.load()).define(addCommand(program, entry), session)
  return program
}

function bareProgram({ output }: Session): Command {
  return new Command('tidemark')
    .description('A self-hosted app platform: every change is a numbered release, and one command goes back.')
    .usage('COMMAND [options]')
    .version(version(), '-v, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: text => output.error(sentence(text)) })
    .configureHelp({ subcommandTerm: command => command.name() })
    .showHelpAfterError('See: tidemark help')
}

function addCommand(program: Command, entry: Entry): Command {
  const command = program.command(entry.name).description(entry.summary).helpGroup(`${entry.group}:`)
  for (const alias of entry.aliases ?? []) command.alias(alias)
  return command
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return `tidemark ${(JSON.parse(text) as { version: string }).version}`
}

/** commander's `error: unknown command 'relases'\n(Did you mean releases?)` as sentences. */
function sentence(text: string): string {
  const bare = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\.?\s*\((Did you mean .*)\)$/s, '. $1')
  const full = bare.charAt(0).toUpperCase() + bare.slice(1)
  return /[.?!]$/.test(full) ? full : `${full}.`
}
