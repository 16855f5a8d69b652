import { CommanderError } from 'commander'
import { ApiError } from '../client/api-error.ts'
import { ProgramEnded } from './errors.ts'
import { exitCode } from './exit-code.ts'
import { Output } from './output.ts'
import { createProgram } from './program.ts'
import { Session } from './session.ts'

const output = new Output(process.stdout, process.stderr, process.env)

try {
  const session = new Session(process.env, process.cwd(), output)
  const argv = process.argv.slice(2)
  const program = await createProgram(argv, session)
  await program.parseAsync(argv, { from: 'user' })
} catch (error) {
  process.exitCode = exitCode(error)
  const hasSpoken = error instanceof CommanderError || error instanceof ProgramEnded
  if (!hasSpoken) output.error(sentence(error))
}

function sentence(error: unknown): string {
  if (!(error instanceof ApiError && error.status === 401))
    return error instanceof Error ? error.message : String(error)
  return process.env.TIDEMARK_API_KEY
    ? 'The platform does not take the token in TIDEMARK_API_KEY: it is unknown, expired or revoked. Set another one, or unset it.'
    : 'The platform does not take the token any more: it is unknown, expired or revoked. Log in again with: tidemark login'
}
