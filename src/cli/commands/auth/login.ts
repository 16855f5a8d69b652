import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ApiError } from '../../../client/api-error.ts'
import type { PlatformClient } from '../../../client/platform-client.ts'
import { credentialsFile, readCredentials, writeCredentials } from '../../credentials.ts'
import { NotLoggedIn, UsageError } from '../../errors.ts'
import { findPlatform, origin, readAuthority } from '../../platform.ts'
import { ask, askSecret, readPiped } from '../../prompt.ts'
import type { Session } from '../../session.ts'

interface Options {
  url?: string
  email?: string
  passwordStdin?: true
  tokenStdin?: true
  caFile?: string
}

const EXPIRES_IN = 30 * 86_400

export function define(command: Command, session: Session): void {
  command
    .option('--url <url>', 'the platform, like https://paas.example.com:5443; the one in use when left out')
    .option('--email <email>', 'your e-mail address')
    .option('--password-stdin', 'read the password from stdin')
    .option('--token-stdin', 'read a token from stdin, in place of e-mail address and password')
    .option('--ca-file <file>', "the platform's certificate authority, PEM")
    .action(async (options: Options) => {
      if (session.env.TIDEMARK_API_KEY) {
        throw new UsageError('TIDEMARK_API_KEY is set and would be used in place of a login. Unset it first.')
      }
      const known = options.url === undefined ? await findPlatform(session.env) : undefined
      const url = known?.url ?? origin(options.url ?? '')
      const caFile = options.caFile === undefined ? known?.caFile : resolve(session.cwd, options.caFile)
      const reach = { url, ca: caFile ? await readAuthority(caFile) : undefined }
      const token = options.tokenStdin
        ? await readPiped()
        : await newToken(await session.connect({ ...reach, token: undefined }), options)
      const { email } = await (await session.connect({ ...reach, token })).accounts.self()
      const { logins } = await readCredentials(session.env)
      const login = { email, token, ...(caFile && { caFile }) }
      await writeCredentials(session.env, { url, logins: { ...logins, [url]: login } })
      session.output.note(
        `Logged in to ${url} as ${email}. The token is kept in ${credentialsFile(session.env)}`,
      )
    })
}

async function newToken(client: PlatformClient, options: Options): Promise<string> {
  const email = options.email ?? (await ask('Email: '))
  const password = options.passwordStdin ? await readPiped() : await askSecret('Password: ')
  const description = `Tidemark CLI login from ${hostname()}`
  const made = await client.authorizations
    .logIn({ email, password, description, expiresIn: EXPIRES_IN })
    .catch(refused)
  if (made.access_token.token === null)
    throw new Error('The platform answered the login without a token. Try again.')
  return made.access_token.token
}

function refused(cause: unknown): never {
  if (!(cause instanceof ApiError && cause.status === 401)) throw cause
  throw new NotLoggedIn('No account has this e-mail address and password. Check both and try again.', {
    cause,
  })
}
