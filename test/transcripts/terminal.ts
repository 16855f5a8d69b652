import { execFile } from 'node:child_process'

const COMMAND_TIMEOUT = 60_000

/** What a terminal shows for a command line, an exit other than 0 said at the end. */
export function show(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string[]> {
  return new Promise(resolve => {
    const child = execFile(
      '/bin/sh',
      ['-c', `exec 2>&1\n${command}`],
      { ...options, timeout: COMMAND_TIMEOUT },
      (_, printed) => {
        const lines = printed.split('\n').map(line => line.trimEnd())
        if (lines.at(-1) === '') lines.pop()
        resolve(child.exitCode === 0 ? lines : [...lines, `[exit ${child.exitCode}]`])
      },
    )
    child.stdin?.end()
  })
}
