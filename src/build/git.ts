import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface GitCall {
  /** Git's own variables, and what reaches the network (proxies, certificates). */
  environment: Readonly<Record<string, string>>
  directory: string
  signal: AbortSignal
}

/** No configuration but the call's own: neither the operator's aliases nor a repository's helpers take part. */
const QUIET = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  LC_ALL: 'C',
}

const run = promisify(execFile)

/** Runs the system's git and returns what it printed. Rejects with git's own words. */
export async function git(args: readonly string[], call: GitCall): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: call.directory, ...call.environment, ...QUIET }
  try {
    const { stdout } = await run('git', [...args], {
      env,
      cwd: call.directory,
      signal: call.signal,
      maxBuffer: 1024 * 1024,
    })
    return stdout.trim()
  } catch (error) {
    call.signal.throwIfAborted()
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(`git ${args[0]} failed: ${words === '' ? String(error) : words}`, { cause: error })
  }
}
