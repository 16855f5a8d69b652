import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { installHeroku } from './heroku.ts'
import { say, type } from './terminal.ts'

// The whole story on a real app: deployed, reconfigured, broken, listed, rolled back. Everything it makes is in one
// temporary directory, which goes in the end.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const APP = 'severe-mountain-793'
const LIMIT = 120_000
/** How long after the beginning the story still waits for the official CLI. */
const PATIENCE = 50_000

const began = performance.now()
const stop = new AbortController()
const { signal } = stop
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
setTimeout(() => stop.abort(new Error(`The demo took longer than ${LIMIT / 1000} s.`)), LIMIT).unref()

const home = await mkdtemp(join(tmpdir(), 'tidemark-demo-'))
const work = join(home, 'hello')
const bin = join(home, 'bin')
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  XDG_CACHE_HOME: join(home, '.cache'),
  XDG_DATA_HOME: join(home, '.local', 'share'),
  PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
  GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_SSL_CAINFO: undefined,
  TIDEMARK_DATA_DIR: join(home, 'data'),
}
const heroku = installHeroku(ROOT, join(home, 'heroku'), signal)

try {
  await prepare()
  await using _platform = await startServer()
  await story()
  process.stdout.write(
    `\nThe story took ${Math.round((performance.now() - began) / 1000)} s. Next: npm start\n`,
  )
} catch (error) {
  process.exitCode = 1
  process.stderr.write(`\nThe demo failed: ${(signal.reason ?? error) as Error}\n`)
} finally {
  stop.abort()
  await heroku.ended
  await rm(home, { recursive: true, force: true, maxRetries: 10 })
}
process.exit()

async function story(): Promise<void> {
  say('A small app in a git repository')
  await shell('cat', 'Procfile')
  await shell('tidemark', 'create', APP)

  say('Deploy it')
  await shell('git', 'push', 'tidemark', 'main')
  await visit()

  say('Change its config: a release of its own')
  await shell('tidemark', 'config:set', 'GREETING=ahoy')
  await visit()

  say('Deploy a change that nobody likes')
  await change('Hello from', 'Go away, says')
  await shell('git', 'push', '--quiet', 'tidemark', 'main')
  await visit()

  say('Who changed what, and when?')
  await shell('tidemark', 'releases')

  say('Go back with one command: code and config, as a new release')
  await shell('tidemark', 'rollback')
  await visit()

  say('A release that does not run changes nothing: the push is refused, the app goes on')
  await change('Go away, says', 'Hello again from')
  await writeFile(join(work, 'Procfile'), 'web: node missing.js\n')
  await commit('A typo in the Procfile')
  await type({ ...command('git', ['push', '--quiet', 'tidemark', 'main']), mayFail: true })
  await visit()
  await shell('tidemark', 'releases')

  if (!(await hasHeroku()))
    return say('(The official heroku CLI could not be had from the npm registry in time.)')
  say('The official heroku CLI, unmodified, on the same platform')
  await shell('tidemark', 'heroku', '--', 'releases', '--app', APP)
  await shell('tidemark', 'heroku', '--', 'rollback', 'v2', '--app', APP)
  await answers('v7')
  await visit()
}

/** Whether the official CLI is there, or comes while the story may still go on. */
async function hasHeroku(): Promise<boolean> {
  const left = Math.max(0, PATIENCE - (performance.now() - began))
  return Promise.race([heroku.isReady, pause(left, false, { ref: false })])
}

async function prepare(): Promise<void> {
  await cp(join(ROOT, 'test', 'fixtures', 'apps', 'hello-node'), work, { recursive: true })
  await mkdir(bin)
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin', 'tidemark.js')}' "$@"\n`
  await writeFile(join(bin, 'tidemark'), shim)
  await chmod(join(bin, 'tidemark'), 0o755)
  await symlink(heroku.executable, join(bin, 'heroku'))
  await quietly('git', 'init', '--quiet', '--initial-branch=main')
  await quietly('git', 'config', 'user.name', 'Jim')
  await quietly('git', 'config', 'user.email', 'jim@example.com')
  await commit('A greeting')
}

async function change(from: string, to: string): Promise<void> {
  const file = join(work, 'server.js')
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
  await commit(`Say "${to}"`)
}

async function commit(message: string): Promise<void> {
  await quietly('git', 'add', '--all')
  await quietly('git', 'commit', '--quiet', '--message', message)
}

/** The official CLI does not wait for the outcome of what it asked for; the story does. */
async function answers(text: string): Promise<void> {
  const { hostname, port } = await address()
  const limit = performance.now() + 10_000
  while (performance.now() < limit) {
    if ((await body({ host: '127.0.0.1', port, headers: { host: hostname } })).includes(text)) return
    await pause(50)
  }
}

async function visit(): Promise<void> {
  const { shown, hostname, port } = await address()
  // Not every resolver knows that names below localhost are this machine.
  const args = ['-s', '--resolve', `${hostname}:${port}:127.0.0.1`, shown]
  await type({ ...command('curl', args), shown: `curl ${shown}` })
}

/** Where the app answers. */
async function address(): Promise<{ shown: string; hostname: string; port: string }> {
  const { router } = JSON.parse(await readFile(join(home, 'data', 'endpoints.json'), 'utf8')) as {
    router: string
  }
  const shown = router.replace('//', `//${APP}.`)
  const { hostname, port } = new URL(shown)
  return { shown, hostname, port }
}

async function shell(file: string, ...args: string[]): Promise<void> {
  await type(command(file, args))
}

function command(file: string, args: readonly string[]) {
  return { shown: [file, ...args].join(' '), file, args, cwd: work, environment, signal }
}

async function quietly(file: string, ...args: string[]): Promise<void> {
  const child = spawn(file, args, {
    cwd: work,
    env: environment,
    signal,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with status ${status}.`)
}

async function body(options: RequestOptions): Promise<string> {
  const request = get(options)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

/** The platform on free ports, as `npm start` would start it on its usual ones. */
async function startServer(): Promise<AsyncDisposable> {
  say('tidemark server')
  const ports = ['--port', '0', '--tls-port', '0', '--router-port', '0', '--owner-email', 'jim@example.com']
  const server = spawn(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), 'server', ...ports], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(server, 'exit')
  const running = Promise.withResolvers<void>()
  let output = ''
  server.stdout.on('data', chunk => {
    process.stdout.write(chunk)
    output += String(chunk)
    if (output.includes('Ctrl-C stops')) running.resolve()
  })
  exit.then(
    ([status]) => running.reject(new Error(`The server ended with status ${status}.`)),
    running.reject,
  )
  signal.addEventListener('abort', () => running.reject(signal.reason))
  await running.promise
  return {
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM')
      await exit
    },
  }
}
