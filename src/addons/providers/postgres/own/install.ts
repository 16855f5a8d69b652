import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProviderUnavailable } from '../../../provider.ts'

const LIMIT = 300_000
const MAX_COMPLAINT = 1000
/** What npm needs of our environment; the rest is none of its business. */
const CARRIED =
  /^(PATH|HOME|TMPDIR|npm_config_.*|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i

/** A package, and the directory whose lock file names it. */
interface Installation {
  from: string
  to: string
  name: string
}

/** Installs a package as the lock file says, answers where it is, and runs no script of it. */
export async function installPackage({ from, to, name }: Installation, signal: AbortSignal): Promise<string> {
  for (const file of ['package.json', 'package-lock.json']) await copyFile(join(from, file), join(to, file))
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)])
  const environment = Object.entries(process.env).filter(([variable]) => CARRIED.test(variable))
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: to,
    env: Object.fromEntries(environment),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: limit,
    killSignal: 'SIGKILL',
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint = (complaint + text).slice(0, MAX_COMPLAINT)
  })
  const [status] = await once(child, 'close').catch(cause => {
    signal.throwIfAborted()
    throw new ProviderUnavailable(limit.aborted ? TOO_SLOW : NO_NPM, { cause })
  })
  const installed = join(to, 'node_modules', name)
  // It is optional, being for one system only: npm may do without it and be content.
  if (status === 0 && existsSync(installed)) return installed
  const [line = ''] = complaint.split('\n')
  throw new ProviderUnavailable(`${NOT_BROUGHT}${line && ` (${line})`}`)
}

const ELSE = 'or name a PostgreSQL server of your own.'
const NO_NPM = `PostgreSQL has to be brought once, with npm, and there is no npm. Install it, ${ELSE}`
const TOO_SLOW = `npm did not bring PostgreSQL within ${LIMIT / 60_000} min. Try again, ${ELSE}`
const NOT_BROUGHT = `npm could not bring PostgreSQL, which needs the network once. Try again, ${ELSE}`
