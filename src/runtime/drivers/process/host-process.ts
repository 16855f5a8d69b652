import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Duration } from '../../../core/time.ts'
import { type HostConfig, SOCKET } from './protocol.ts'

/** The longest path the system takes for a socket. */
const MAX_SOCKET_PATH = 107
const START_TIMEOUT: Duration = 20_000
const PAUSE: Duration = 20
const MAIN = fileURLToPath(new URL(`./host/main${extname(import.meta.url)}`, import.meta.url))
/** A small process: it imports little and holds little. */
const FLAGS = ['--max-old-space-size=96', '--max-semi-space-size=2']
/** flock's status when another host holds the lock. */
const LOCKED = 75

/** Connects to the host of `config.directory`, and starts one when none answers. Throws when none comes up in time. */
export async function connectHost(config: HostConfig): Promise<Socket> {
  await mkdir(config.directory, { recursive: true, mode: 0o711 })
  const limit = AbortSignal.timeout(START_TIMEOUT)
  while (!limit.aborted) {
    const socket = await dial(config.directory)
    if (socket !== undefined) return socket
    // Not ready and not startable: somebody else is just starting or ending one.
    if (!(await startHost(config, limit))) await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
  throw new Error(
    `The dyno host did not start within ${START_TIMEOUT / 1000} s. See host.log in ${config.directory}.`,
  )
}

async function dial(directory: string): Promise<Socket | undefined> {
  const path = join(directory, SOCKET)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return connected(path)
  const handle = await open(directory)
  try {
    return await connected(`/proc/self/fd/${handle.fd}/${SOCKET}`)
  } finally {
    await handle.close()
  }
}

async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    return undefined
  }
}

/** Starts a host. True when it is ready; false when another has the lock. Throws when it fails. */
async function startHost(config: HostConfig, signal: AbortSignal): Promise<boolean> {
  await warm(config)
  const log = await open(join(config.directory, 'host.log'), 'a', 0o600)
  try {
    const child = spawnHost(config, log)
    const ready = once(child.stdout as NonNullable<typeof child.stdout>, 'data', { signal }).then(
      () => undefined,
    )
    const exit = once(child, 'exit').then(([status]) => status as number | null)
    const status = await Promise.race([ready, exit])
    child.stdout?.destroy()
    child.unref()
    if (status === undefined) return true
    if (status === LOCKED) return false
    throw new Error(
      `The dyno host ended with status ${status} before it was ready. See host.log in ${config.directory}.`,
    )
  } finally {
    await log.close()
  }
}

/**
 * The lock is the kernel's: it is given up with the host, however that ends. The host's output is a file, so that it
 * does not notice the end of whoever started it.
 */
function spawnHost(config: HostConfig, log: FileHandle): ChildProcess {
  const host = [process.execPath, ...FLAGS, MAIN, JSON.stringify(config)]
  return spawn('flock', ['--nonblock', '--no-fork', `--conflict-exit-code=${LOCKED}`, 'host.lock', ...host], {
    cwd: config.directory,
    env: hostEnvironment(config),
    stdio: ['ignore', 'pipe', log.fd],
  })
}

/**
 * Run from TypeScript, node holds its type stripper in memory for good: 35 MB, as much as the rest of the host. Where
 * the stripped code is cached beforehand, it is never loaded. The published package has nothing to strip.
 */
async function warm(config: HostConfig): Promise<void> {
  if (extname(MAIN) !== '.ts' || existsSync(cacheOf(config))) return
  await once(
    spawn(process.execPath, [...FLAGS, MAIN], { env: hostEnvironment(config), stdio: 'ignore' }),
    'exit',
  )
}

function hostEnvironment(config: HostConfig): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', NODE_COMPILE_CACHE: cacheOf(config) }
}

function cacheOf(config: HostConfig): string {
  return join(config.directory, 'cache')
}
