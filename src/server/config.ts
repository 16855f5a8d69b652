import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isEmail } from '../core/account.ts'
import type { AppSettings } from '../core/app.ts'
import { byteCount } from '../core/disk.ts'
import { type RetentionPolicy, retentionFault } from '../core/retention.ts'

/** The server's settings, checked. The only place that reads flags and environment. */
export interface ServerConfig {
  dataDir: string
  /** Address that API, git and router listen on. */
  host: string
  port: number
  tlsPort: number
  routerPort: number
  appsDomain: string
  ownerEmail: string
  /** What dynos are: processes of this machine, or containers of a Docker engine. */
  runtime: 'process' | 'docker'
  /** Where the Docker engine listens; null for the usual place. */
  dockerSocket: string | null
  /** The image that the engine runs apps of the default stack on. */
  stackImage: string
  /** PostgreSQL; null keeps the ledger in an SQLite file in the data directory. */
  databaseUrl: string | null
  /** The server on which PostgreSQL add-ons are made; null for one that the platform runs itself. */
  postgresAdminUrl: string | null
  /** The server on which Redis add-ons are made; null for one of its own for each. */
  redisAdminUrl: string | null
  /** 32 bytes; null keeps a key file in the data directory. */
  masterKey: Uint8Array | null
  /** The platform's time limits, where set; an app's own come first. */
  settings: AppSettings
  /** How long artifacts are kept, for apps that do not say it themselves. */
  retention: RetentionPolicy
  /** Bytes the data directory may take; null for as much as there is. */
  diskBudget: number | null
}

/** A setting: its flag, its environment variable, and what it is. */
interface Setting {
  flag: string
  variable: string
  meaning: string
  fallback: string
}

const SETTINGS = {
  dataDir: setting('data-dir', 'where everything is kept', defaultDataDir()),
  host: setting('host', 'address to listen on', '127.0.0.1'),
  port: setting('port', 'port of API, git and dashboard; 0 takes any free one', '5000'),
  tlsPort: setting('tls-port', 'the same over TLS', '5443'),
  routerPort: setting('router-port', 'port on which apps answer', '8080'),
  appsDomain: setting('apps-domain', 'apps are at <app>.<domain>', 'localhost'),
  ownerEmail: setting(
    'owner-email',
    "the platform owner's account, made at the first start",
    'owner@localhost',
  ),
  runtime: setting(
    'runtime',
    'what dynos are: process, or docker for containers of a Docker engine',
    'process',
  ),
  dockerSocket: setting('docker-socket', 'where the Docker engine listens', ''),
  stackImage: setting(
    'stack-image',
    'with docker: the image that apps run on, which the engine must have',
    'tidemark/stack:1',
  ),
  databaseUrl: setting('database-url', 'postgres://… for a ledger in PostgreSQL instead of SQLite', ''),
  bootTimeout: setting('boot-timeout', 'seconds within which a web dyno has to listen', '60'),
  shutdownGrace: setting('shutdown-grace', 'seconds between SIGTERM and SIGKILL', '30'),
  startGrace: setting('start-grace', 'seconds another dyno has to stay up to count as started', '2'),
  releaseTimeout: setting('release-timeout', 'seconds a release command may take', '3600'),
  retentionDays: setting('retention-days', 'days after which a release is old', '30'),
  retentionReleases: setting('retention-releases', "so many of an app's releases are its newest", '100'),
  retentionRule: setting(
    'retention-rule',
    'which releases expire: any that are old or not among the newest, or all that are both',
    'any',
  ),
  diskBudget: setting('disk-budget', 'what all may take on disk, such as 50GB', ''),
} satisfies Record<string, Setting>

function setting(flag: string, meaning: string, fallback: string): Setting {
  return { flag, variable: `TIDEMARK_${flag.toUpperCase().replaceAll('-', '_')}`, meaning, fallback }
}

function defaultDataDir(): string {
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'tidemark')
}

export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'
}

/** Reads flags first, then the environment, then the defaults. Throws {@link ConfigFault}, a sentence. */
export function readConfig(argv: readonly string[], environment: NodeJS.ProcessEnv): ServerConfig {
  const flags = readFlags(argv)
  const text = (name: keyof typeof SETTINGS): string => {
    const { flag, variable, fallback } = SETTINGS[name]
    return flags[flag] ?? environment[variable] ?? fallback
  }
  return {
    dataDir: directory(text('dataDir')),
    host: text('host'),
    port: port(text('port'), SETTINGS.port),
    tlsPort: port(text('tlsPort'), SETTINGS.tlsPort),
    routerPort: port(text('routerPort'), SETTINGS.routerPort),
    appsDomain: domain(text('appsDomain')),
    ownerEmail: email(text('ownerEmail')),
    runtime: runtime(text('runtime')),
    dockerSocket: text('dockerSocket') || null,
    stackImage: imageName(text('stackImage')),
    databaseUrl: databaseUrl(text('databaseUrl')),
    postgresAdminUrl: adminUrl(environment, 'TIDEMARK_POSTGRES_ADMIN_URL', /^postgres(ql)?:\/\//),
    redisAdminUrl: adminUrl(environment, 'TIDEMARK_REDIS_ADMIN_URL', /^rediss?:\/\//),
    masterKey: masterKey(environment.TIDEMARK_MASTER_KEY),
    settings: {
      bootTimeout: duration(text('bootTimeout'), SETTINGS.bootTimeout),
      shutdownGrace: duration(text('shutdownGrace'), SETTINGS.shutdownGrace),
      startGrace: duration(text('startGrace'), SETTINGS.startGrace),
      releaseTimeout: duration(text('releaseTimeout'), SETTINGS.releaseTimeout),
    },
    retention: retention({
      days: number(text('retentionDays')),
      releases: number(text('retentionReleases')),
      rule: text('retentionRule'),
    }),
    diskBudget: diskBudget(text('diskBudget')),
  }
}

/** What `--help` prints. */
export function usage(): string {
  const lines = Object.values(SETTINGS).map(
    ({ flag, variable, meaning, fallback }) =>
      `  --${flag.padEnd(18)} ${meaning}${fallback === '' ? '' : ` (${fallback})`}; ${variable}`,
  )
  return `Usage: tidemark server [settings]\n\nRuns the platform in the foreground.\n\n${lines.join('\n')}\n\n${SECRETS}`
}

/** Settings that hold a secret have no flag: what a program is started with, everybody on the machine can read. */
const SECRETS = `Only in the environment, since they hold secrets:
  TIDEMARK_MASTER_KEY          the key of the config vars: 64 hex digits
  TIDEMARK_POSTGRES_ADMIN_URL  postgres://… of a server for PostgreSQL add-ons, instead of one the platform runs
  TIDEMARK_REDIS_ADMIN_URL     redis://… of a server for Redis add-ons, instead of one for each
`

function readFlags(argv: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    Object.values(SETTINGS).map(({ flag }) => [flag, { type: 'string' as const }]),
  )
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values
  } catch (cause) {
    throw new ConfigFault(`${(cause as Error).message} See: tidemark server --help`, { cause })
  }
}

/** The system's limit for the path of a socket is 107 bytes, and the data directory holds some. */
const LONGEST_DIRECTORY = 90

function directory(text: string): string {
  const path = resolve(text)
  if (Buffer.byteLength(path) <= LONGEST_DIRECTORY) return path
  throw new ConfigFault(
    `--data-dir is ${path}; expected a path of at most ${LONGEST_DIRECTORY} bytes, for the sockets in it.`,
  )
}

function port(text: string, { flag, variable }: Setting): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return number
  throw new ConfigFault(
    `--${flag} (${variable}) is ${JSON.stringify(text)}; expected a port from 0 to 65535.`,
  )
}

function duration(text: string, { flag, variable }: Setting): number {
  const number = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && number > 0 && number <= 86_400) return number * 1000
  throw new ConfigFault(
    `--${flag} (${variable}) is ${JSON.stringify(text)}; expected seconds, above 0 and at most 86400.`,
  )
}

function number(text: string): number | string {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : text
}

function retention(policy: Record<keyof RetentionPolicy, unknown>): RetentionPolicy {
  const fault = retentionFault(policy)
  if (fault !== undefined)
    throw new ConfigFault(`${fault} See --retention-days, --retention-releases, --retention-rule.`)
  return policy as RetentionPolicy
}

function diskBudget(text: string): number | null {
  if (text === '') return null
  const bytes = byteCount(text)
  if (bytes !== undefined && bytes > 0) return bytes
  throw new ConfigFault(
    `--disk-budget is ${JSON.stringify(text)}; expected a number with a unit, such as 500MB, 50GB or 2TB.`,
  )
}

function domain(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/.test(text)) return text
  throw new ConfigFault(
    `--apps-domain is ${JSON.stringify(text)}; expected a domain name in lower case, such as apps.example.com.`,
  )
}

function email(text: string): string {
  if (isEmail(text)) return text.toLowerCase()
  throw new ConfigFault(`--owner-email is ${JSON.stringify(text)}; expected an e-mail address.`)
}

function runtime(text: string): ServerConfig['runtime'] {
  if (text === 'process' || text === 'docker') return text
  throw new ConfigFault(`--runtime is ${JSON.stringify(text)}; expected process or docker.`)
}

function imageName(text: string): string {
  if (/^[a-z0-9][\w.:/@-]{0,250}$/.test(text)) return text
  throw new ConfigFault(
    `--stack-image is ${JSON.stringify(text)}; expected the name of an image, like tidemark/stack:1.`,
  )
}

function databaseUrl(text: string): string | null {
  if (text === '') return null
  if (/^postgres(ql)?:\/\//.test(text)) return text
  throw new ConfigFault(
    '--database-url is not a postgres:// URL. Leave it out to keep the ledger in an SQLite file.',
  )
}

function adminUrl(environment: NodeJS.ProcessEnv, variable: string, form: RegExp): string | null {
  const text = environment[variable] ?? ''
  if (text === '') return null
  if (form.test(text) && URL.canParse(text)) return text
  throw new ConfigFault(
    `${variable} is not a URL of such a server. Leave it out to let the platform run its own.`,
  )
}

function masterKey(text: string | undefined): Uint8Array | null {
  if (text === undefined || text === '') return null
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new ConfigFault(
    'TIDEMARK_MASTER_KEY must be 64 hex digits (32 bytes), for example from: openssl rand -hex 32',
  )
}
