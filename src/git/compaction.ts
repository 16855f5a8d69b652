import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { gitEnvironment } from './environment.ts'

/** Whoever was told to end has so long to put its files away. */
const END_GRACE = 5000
/** Of what git says of a damaged repository, so much is kept: its last words say why it gave up. */
const LAST_WORDS = 2000

export interface CompactOptions {
  signal: AbortSignal
  /** Whether objects that nothing refers to go once they are two weeks old: not while the clock is not to be trusted. */
  prunes: boolean
}

/**
 * Packs what has become many small files, when it is worth it: git decides. When it resolves, or rejects, no program of
 * it runs any more, also after `signal` aborted: git starts others, and those would go on without it.
 */
export async function compact(
  repository: string,
  { signal, prunes, settings }: CompactOptions & { settings: readonly string[] },
): Promise<void> {
  if (signal.aborted) return
  const expiry = prunes ? [] : ['-c', 'gc.pruneExpire=never']
  const git = spawn('git', [...settings, ...expiry, '--git-dir', repository, 'gc', '--auto', '--quiet'], {
    env: gitEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, to be ended as a whole.
    detached: true,
  })
  let said = ''
  git.stderr.setEncoding('utf8').on('data', text => {
    said = (said + text).slice(-LAST_WORDS)
  })
  let killing: NodeJS.Timeout | undefined
  const end = () => {
    signalGroup(git.pid, 'SIGTERM')
    killing = setTimeout(() => signalGroup(git.pid, 'SIGKILL'), END_GRACE)
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    // Closed once nobody of the group has its output any more.
    const [code, by] = await once(git, 'close')
    if (code === 0 || signal.aborted) return
    throw new Error(`git gc of ${repository} ended with ${code ?? by}: ${said.trim()}`)
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(killing)
  }
}

function signalGroup(leader: number | undefined, name: NodeJS.Signals): void {
  try {
    // Never started, or gone by itself.
    if (leader !== undefined) process.kill(-leader, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
