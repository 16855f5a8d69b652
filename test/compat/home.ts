import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT, type TestPlatform } from '../support/platform.ts'

/** Where somebody works with the official CLI: a home and a git repository of their own, nothing taken from ours. */
export interface Home extends AsyncDisposable {
  cwd: string
  env: Record<string, string>
}

export interface HomeOptions {
  platform: TestPlatform
  /** The program of the official CLI. */
  heroku: string
  token: string
  /** Variables that keep it from the world outside. */
  outbound: Readonly<Record<string, string>>
}

export async function makeHome({ platform, heroku, token, outbound }: HomeOptions): Promise<Home> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-compat-'))
  const [cwd, bin] = [join(home, 'sushi'), join(home, 'bin')]
  await cp(join(ROOT, 'test/fixtures/apps/procfile-only'), cwd, { recursive: true })
  await write(join(bin, 'heroku'), `#!/bin/sh\nexec "${process.execPath}" "${heroku}" "$@"\n`)
  await chmod(join(bin, 'heroku'), 0o755)
  await write(
    join(home, '.gitconfig'),
    '[user]\nname = Jim\nemail = jim@example.com\n[init]\ndefaultBranch = main\n',
  )
  // Its maker's terms of service are shown once to whoever has no such file.
  await write(join(home, '.cache/heroku/terms-of-service'), '')
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    OCLIF_COLUMNS: '400',
    // Half of what a command takes is compiling itself.
    NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...outbound,
    ...herokuVariables(platform, token),
  }
  return { cwd, env, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 5 }) }
}

/** What our documentation tells people to set. */
function herokuVariables({ endpoints }: TestPlatform, token: string): Record<string, string> {
  const { api, git, ca_file } = endpoints
  return {
    HEROKU_HOST: api,
    HEROKU_GIT_HOST: new URL(git).host,
    HEROKU_API_KEY: token,
    HEROKU_PARTICLEBOARD_URL: api,
    HEROKU_BUILDPACK_REGISTRY_URL: api,
    DISABLE_TELEMETRY: 'true',
    HEROKU_SKIP_NEW_VERSION_CHECK: 'true',
    HEROKU_DISABLE_AUTOUPDATE: '1',
    // Else it keeps logins in the keychain of whoever runs the tests.
    HEROKU_NETRC_WRITE: 'true',
    NODE_EXTRA_CA_CERTS: ca_file,
    GIT_SSL_CAINFO: ca_file,
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
