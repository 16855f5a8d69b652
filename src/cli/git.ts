import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs git and answers what it printed, trimmed. Throws with git's own words. */
export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })
    return stdout.trimEnd()
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error('git is not installed. Install it and try again.', { cause })
    throw new Error(`git ${args[0]} failed: ${stderr?.trim() || `it ended with status ${code}`}`, { cause })
  }
}

export async function isRepository(cwd: string): Promise<boolean> {
  return git(cwd, 'rev-parse', '--git-dir').then(
    () => true,
    () => false,
  )
}

/** The URLs of the remotes by name; none outside of a repository. */
export async function remotes(cwd: string): Promise<Map<string, string>> {
  const text = await git(cwd, 'config', '--null', '--get-regexp', '^remote\\..*\\.url$').catch(() => '')
  const entries = text.split('\0').flatMap(entry => {
    const [, name, url] = /^remote\.(.*)\.url\n(.*)$/s.exec(entry) ?? []
    return name !== undefined && url !== undefined ? [[name, url] as const] : []
  })
  return new Map(entries)
}
