import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { bytesOf } from '../files/bytes-of.ts'
import { type CompactOptions, compact } from './compaction.ts'
import { gitEnvironment } from './environment.ts'
import { HOOK, type PushedRefs, parseHandover } from './hook.ts'

const run = promisify(execFile)

/** Decides about a push: sees the refs, writes what the person pushing reads, answers whether it is accepted. */
export type Decide = (pushed: PushedRefs, output: (text: string) => void) => Promise<boolean>

interface Exchange {
  repository: string
  body: Readable
  response: Writable
  signal: AbortSignal
}

/** A push may be this large; a repository beyond it belongs elsewhere. */
const MAX_PUSH = '2g'

/** The apps' bare repositories, one directory an app, named by its id: a rename of the app does not move it. */
export class Repositories {
  readonly #directory: string
  readonly #opening = new Map<string, Promise<string>>()
  /** Those under way, by app. */
  readonly #compactions = new Map<string, { end: AbortController; done: Promise<void> }>()
  /** Apps whose repositories are gone for good, or are going: none of these is compacted any more. */
  readonly #removed = new Set<string>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The path of an app's repository, made when it is first asked for. */
  open(appId: string): Promise<string> {
    let opening = this.#opening.get(appId)
    if (!opening) {
      opening = this.#make(appId).finally(() => this.#opening.delete(appId))
      this.#opening.set(appId, opening)
    }
    return opening
  }

  async remove(appId: string): Promise<void> {
    this.#removed.add(appId)
    const compaction = this.#compactions.get(appId)
    compaction?.end.abort()
    // It would write into what is being removed.
    await compaction?.done.catch(() => {})
    await rm(this.path(appId), { recursive: true, force: true })
  }

  path(appId: string): string {
    return join(this.#directory, `${appId}.git`)
  }

  /** Bytes on disk; 0 when there is none yet. */
  async size(appId: string): Promise<number> {
    return bytesOf(this.path(appId))
  }

  /** Compacts an app's repository, if there is one. A removal ends it. */
  async compact(appId: string, options: CompactOptions): Promise<void> {
    const path = this.path(appId)
    if (!(await exists(path)) || this.#removed.has(appId)) return
    const end = new AbortController()
    const signal = AbortSignal.any([options.signal, end.signal])
    const done = compact(path, { ...options, signal, settings: settings() })
    this.#compactions.set(appId, { end, done })
    await done.finally(() => this.#compactions.delete(appId))
  }

  /** What git says first: the refs there are. */
  async advertise(service: string, repository: string): Promise<Buffer> {
    const args = [
      ...settings(),
      service.slice('git-'.length),
      '--stateless-rpc',
      '--advertise-refs',
      repository,
    ]
    const { stdout } = await run('git', args, {
      env: gitEnvironment(),
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  }

  /** How many commits of the app's branch came after `commit`; null when there is no such commit in it. */
  async commitsAfter(appId: string, commit: string): Promise<number | null> {
    if (!/^[0-9a-f]{40,64}$/.test(commit)) return null
    const args = [
      ...settings(),
      '--git-dir',
      this.path(appId),
      'rev-list',
      '--count',
      `${commit}..HEAD`,
      '--',
    ]
    return run('git', args, { env: gitEnvironment() }).then(
      ({ stdout }) => Number(String(stdout).trim()),
      () => null,
    )
  }

  /** A fetch or clone. */
  async upload({ repository, body, response, signal }: Exchange): Promise<void> {
    const args = [...settings(), 'upload-pack', '--stateless-rpc', repository]
    const git = spawn('git', args, { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'ignore'], signal })
    await exchange(git, body, response).catch(error => {
      if (!signal.aborted) throw error
    })
  }

  /**
   * A push. `decide` is asked, before any ref moves, by the pre-receive hook. It goes on when the person pushing is
   * gone: what was decided is carried out.
   */
  async receive({ repository, body, response }: Omit<Exchange, 'signal'>, decide: Decide): Promise<void> {
    const args = [...settings(), 'receive-pack', '--stateless-rpc', repository]
    const git = spawn('git', args, {
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'pipe'],
    })
    const deciding = answerHook(git.stdio[3] as Duplex, git.stdio[4] as Duplex, decide)
    await exchange(git, body, response)
    // Git is gone, with or without having run the hook: whoever still waits for it waits in vain.
    git.stdio[3]?.destroy()
    git.stdio[4]?.destroy()
    await deciding
  }

  async #make(appId: string): Promise<string> {
    const path = this.path(appId)
    if (await exists(join(path, 'hooks', 'pre-receive'))) return path
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const draft = `${path}.new`
    await rm(draft, { recursive: true, force: true })
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', draft], {
      env: gitEnvironment(),
    })
    await mkdir(join(draft, 'hooks'), { recursive: true })
    await writeFile(join(draft, 'hooks', 'pre-receive'), HOOK)
    await chmod(join(draft, 'hooks', 'pre-receive'), 0o755)
    await rm(path, { recursive: true, force: true })
    await rename(draft, path)
    return path
  }
}

function settings(): string[] {
  const values = [
    `receive.maxInputSize=${MAX_PUSH}`,
    // CI jobs push from shallow clones.
    'receive.shallowUpdate=true',
    'gc.autoDetach=false',
    // Nobody who pushes waits for what the platform does by itself.
    'receive.autogc=false',
    'safe.directory=*',
  ]
  return values.flatMap(value => ['-c', value])
}

async function exchange(git: ChildProcess, body: Readable, response: Writable): Promise<void> {
  const { stdin, stdout } = git
  if (!stdin || !stdout) throw new Error('git was started without its pipes.')
  // Git may stop reading early (a push that is refused at once); what it answers is what counts.
  const sending = pipeline(body, stdin).catch(() => {})
  const failed = new Promise<never>((_, reject) => git.once('error', reject))
  try {
    await Promise.race([pass(stdout, response), failed])
  } finally {
    git.kill()
    await sending
  }
}

/** Passes on what git says for as long as somebody listens, and reads it to its end in any case: git would stop. */
async function pass(from: Readable, to: Writable): Promise<void> {
  to.on('error', () => {})
  const closed = new Promise<void>(resolve => to.once('close', resolve))
  for await (const chunk of from) {
    if (to.destroyed || to.write(chunk)) continue
    await Promise.race([new Promise<void>(resolve => to.once('drain', resolve)), closed])
  }
  to.end()
}

/** Talks to the hook over the two pipes it inherited: refs come up the first, which carries the verdict back; the other shows text. */
async function answerHook(control: Duplex, show: Duplex, decide: Decide): Promise<void> {
  control.on('error', () => {})
  show.on('error', () => {})
  const handover = await readHandover(control)
  if (!handover) return
  let isAccepted = false
  try {
    isAccepted = await decide(handover, text => void show.write(text))
  } finally {
    show.end()
    control.end(isAccepted ? '0\n' : '1\n')
    await finished(show, { readable: false }).catch(() => {})
  }
}

/** Undefined when git went away without having run the hook, or in the middle of it. */
async function readHandover(control: Duplex): Promise<PushedRefs | undefined> {
  let text = ''
  try {
    for await (const chunk of control.iterator({ destroyOnReturn: false })) {
      text += String(chunk)
      const handover = parseHandover(text)
      if (handover) return handover
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
  return undefined
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
