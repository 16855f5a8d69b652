import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Command {
  /** What is shown after the prompt. */
  shown: string
  file: string
  args: readonly string[]
  cwd: string
  environment: NodeJS.ProcessEnv
  signal: AbortSignal
  /** It is meant to fail: the story shows a refusal. */
  mayFail?: boolean
}

const isColourful = process.stdout.isTTY && !process.env.NO_COLOR

export function say(text: string): void {
  process.stdout.write(isColourful ? `\n\x1b[1m# ${text}\x1b[0m\n` : `\n# ${text}\n`)
}

/** Runs a command as a person would see it. Throws when it fails and must not. */
export async function type(command: Command): Promise<void> {
  process.stdout.write(isColourful ? `\x1b[36m$ ${command.shown}\x1b[0m\n` : `$ ${command.shown}\n`)
  const { file, args, cwd, environment: env, signal } = command
  const child = spawn(file, [...args], { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', chunk => process.stdout.write(chunk))
  child.stderr.on('data', chunk => process.stdout.write(chunk))
  const [status] = await once(child, 'close')
  if (status !== 0 && !command.mayFail) throw new Error(`"${command.shown}" ended with status ${status}.`)
}
