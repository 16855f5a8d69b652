import type { Command } from 'commander'

/** Adds the options that name the app. */
export function appOptions(command: Command): Command {
  return command
    .option('-a, --app <name>', 'the app (else TIDEMARK_APP, else the git remote)')
    .option('-r, --remote <name>', 'the git remote of the app')
}

/** Adds the option of commands that make a release. */
export function waitOption(command: Command): Command {
  return command.option('--no-wait', 'return at once, without waiting for the release to succeed or fail')
}

export function jsonOption(command: Command): Command {
  return command.option('--json', 'print JSON')
}
