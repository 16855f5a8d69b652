import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { chooseApp } from '../app-choice.ts'
import { ProgramEnded, UsageError } from '../errors.ts'
import { herokuEnvironment, isTrusted } from '../heroku/environment.ts'
import { startForwarder } from '../heroku/forwarder.ts'
import { refusal } from '../heroku/refusal.ts'
import type { Platform } from '../platform.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[arguments...]', 'what the heroku CLI is given: tidemark heroku -- releases --app shop')
    .action(async (argv: string[]) => {
      const reason = refusal(argv)
      if (reason !== undefined) throw new UsageError(reason)
      const { client: _, ...platform } = await session.platform()
      await using forwarder = isTrusted(platform.url) ? undefined : await startForwarder(platform)
      const app = await appFor(session, platform, argv)
      const env = herokuEnvironment(session.env, { ...platform, app, api: forwarder?.url ?? platform.url })
      throw new ProgramEnded(await run(session.env.TIDEMARK_HEROKU || 'heroku', argv, env))
    })
}

/** The official CLI knows only remotes on its own terms, so that the app of this directory is told to it. */
async function appFor(
  session: Session,
  platform: Platform,
  argv: readonly string[],
): Promise<string | undefined> {
  const isNamed = argv.some(word => /^(-a|--app|-r|--remote)/.test(word))
  // There the app in the environment would be taken for the name of the new one.
  const isNew = /^(apps:)?create$/.test(argv[0] ?? '')
  if (isNamed || isNew || session.env.HEROKU_APP) return undefined
  return chooseApp({}, { env: session.env, cwd: session.cwd, platform }).catch(() => undefined)
}

/** Runs it in our place, on our terminal; a signal reaches it as well, since it is in our process group. */
async function run(program: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, argv, { stdio: 'inherit', env })
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  try {
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return status ?? (signal === 'SIGINT' ? 130 : 1)
  } catch (cause) {
    throw new Error(
      `The heroku CLI could not be started (${program}). Install it, or name it in TIDEMARK_HEROKU.`,
      { cause },
    )
  } finally {
    process.off('SIGINT', ignore)
  }
}
