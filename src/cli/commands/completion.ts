import { Argument, type Command } from 'commander'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { words } from '../completion/words.ts'
import { zshScript } from '../completion/zsh.ts'
import { completeProgram } from '../program.ts'
import type { Session } from '../session.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

type Shell = keyof typeof SCRIPTS

export function define(command: Command, session: Session): void {
  command
    .addArgument(
      new Argument('<shell>', 'put the script where your shell looks for completions').choices(
        Object.keys(SCRIPTS),
      ),
    )
    .action(async (shell: Shell) => {
      session.output.print(SCRIPTS[shell](words(await completeProgram(session))))
    })
}
