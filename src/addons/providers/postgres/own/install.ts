import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProviderUnavailable } from '../../../provider.ts'

const LIMIT = 300_000
const MAX_COMPLAINT = 1000
/** What npm needs of our environment; the rest is none of its business. */
const CARRIED =
  /^(PATH|HOME|TMPDIR|npm_config_.*|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i

/** Installs the packages that the lock file in `from` names into `to`; no script of theirs is run. */
export async function installPackage(
  { from, to }: { from: string; to: string },
  signal: AbortSignal,
): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(from, name), join(to, name))
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)])
  const environment = Object.entries(process.env).filter(([name]) => CARRIED.test(name))
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
  if (status === 0) return
  const [line = ''] = complaint.split('\n')
  throw new ProviderUnavailable(`${NOT_BROUGHT} (${line || `npm ended with status ${status}`})`)
}

const ELSE = 'or name a PostgreSQL server of your own.'
const NO_NPM = `PostgreSQL has to be brought once, with npm, and there is no npm. Install it, ${ELSE}`
const TOO_SLOW = `npm did not bring PostgreSQL within ${LIMIT / 60_000} min. Try again, ${ELSE}`
const NOT_BROUGHT = `npm could not bring PostgreSQL, which needs the network once. Try again, ${ELSE}`
