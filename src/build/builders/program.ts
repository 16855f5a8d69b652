import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Confined, Sandbox } from '../../sandbox/sandbox.ts'
import type { ProgramStream } from './build-log.ts'

export interface Program {
  sandbox: Sandbox
  confined: Confined
  /** Where its two outputs go. */
  stdout: Pick<ProgramStream, 'write' | 'end'>
  stderr: Pick<ProgramStream, 'write' | 'end'>
}

/** How long output is awaited from what a program left behind when it ended. */
const DRAIN = 2000

/**
 * A guard in the program's process group holds the other end of a pipe of ours. When we are gone, however that came,
 * the pipe closes, and the guard takes the whole group with it: no build outlives whoever would report its end.
 */
const GUARD = '(read -r _ <&3; kill -KILL 0) <&- >&- 2>&- & exec "$@" 3<&-'

/**
 * Runs a program to its end and returns its exit status, 128 + signal as a shell shows it. What it left running in its
 * process group is killed. When `signal` aborts, all of it is killed and the promise rejects with the reason.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const { file, args, environment, workingDirectory, ...user } = program.sandbox.invocation(program.confined)
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', file, ...args], {
    cwd: workingDirectory,
    env: { ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    ...(user.gid === undefined ? {} : { gid: user.gid }),
  })
  child.stdout?.on('data', chunk => program.stdout.write(chunk))
  child.stderr?.on('data', chunk => program.stderr.write(chunk))
  const kill = () => killGroup(child)
  signal.addEventListener('abort', kill)
  try {
    const closed = once(child, 'close').catch(() => {})
    const [code, name] = await once(child, 'exit')
    kill()
    await drained(child, closed)
    signal.throwIfAborted()
    return typeof code === 'number' ? code : 128 + (SIGNALS[String(name)] ?? 0)
  } finally {
    signal.removeEventListener('abort', kill)
    program.stdout.end()
    program.stderr.end()
  }
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** What left the process group may hold the pipes open for ever; nobody waits for it. */
async function drained(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  const enough = setTimeout(() => {
    child.stdout?.destroy()
    child.stderr?.destroy()
  }, DRAIN)
  await closed
  clearTimeout(enough)
}
