import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const HERE = import.meta.dirname
const INSTALL_TIMEOUT = 300_000

type Packages = Readonly<Record<string, { version?: string }>>

/** Brings the official CLI as the lock says, unless it is there already. Returns the path of its program. */
export async function installHeroku(): Promise<string> {
  if (!(await isInstalled())) await npmCi()
  return join(HERE, 'node_modules', 'heroku', 'bin', 'run.js')
}

/** Whether npm installed this very lock to its end. It may leave out what other platforms and optional peers need. */
async function isInstalled(): Promise<boolean> {
  const wanted = await packagesOf('package-lock.json')
  const found = await packagesOf(join('node_modules', '.package-lock.json')).catch((): Packages => ({}))
  const areWanted = Object.entries(found).every(([path, { version }]) => wanted[path]?.version === version)
  return areWanted && found['node_modules/heroku'] !== undefined
}

async function packagesOf(file: string): Promise<Packages> {
  const lock = JSON.parse(await readFile(join(HERE, file), 'utf8')) as { packages: Packages }
  return lock.packages
}

async function npmCi(): Promise<void> {
  const npm = spawn('npm', ['ci', '--ignore-scripts'], {
    cwd: HERE,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_TIMEOUT,
  })
  let said = ''
  npm.stderr.setEncoding('utf8').on('data', text => (said += text))
  const [status] = await once(npm, 'close')
  if (status !== 0) throw new Error(`npm ci in ${HERE} ended with status ${status}:\n${said}`)
}
