import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT, startPlatform } from '../support/platform.ts'
import { type Exchange, parseTranscript, Reading } from '../transcripts/transcript.ts'

const TRANSCRIPTS = join(ROOT, 'test', 'transcripts')
const COMMAND_TIMEOUT = 60_000

/** A home of its own with a git repository in `shop`, the tidemark command in its path, and nothing of ours in its environment. */
async function makeHome(dataDir: string): Promise<{ cwd: string; env: NodeJS.ProcessEnv } & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-transcript-'))
  const [cwd, bin] = [join(home, 'shop'), join(home, 'bin')]
  await cp(join(ROOT, 'test/fixtures/apps/hello-node'), cwd, { recursive: true })
  await mkdir(bin)
  await writeFile(
    join(bin, 'tidemark'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin/tidemark.js')}" "$@"\n`,
  )
  await chmod(join(bin, 'tidemark'), 0o755)
  await writeFile(
    join(home, '.gitconfig'),
    '[user]\nname = Jim\nemail = jim@example.com\n[init]\ndefaultBranch = main\n',
  )
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    TIDEMARK_DATA_DIR: dataDir,
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
  }
  return { cwd, env, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 5 }) }
}

/** What a terminal shows for a command line, an exit other than 0 said at the end. */
function show(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string[]> {
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

function written({ command, lines }: Exchange): string {
  return [`$ ${command}`, ...lines].join('\n')
}

describe('the command line does what its transcripts show', async () => {
  const files = (await readdir(TRANSCRIPTS)).filter(file => file.endsWith('.txt')).sort()
  for (const file of files) {
    test(file, async () => {
      await using platform = await startPlatform()
      await using home = await makeHome(platform.dataDir)
      const reading = new Reading()
      for (const exchange of parseTranscript(await readFile(join(TRANSCRIPTS, file), 'utf8'))) {
        const lines = reading.inWordsOf(exchange.lines, await show(reading.filledIn(exchange.command), home))
        assert.equal(written({ ...exchange, lines }), written(exchange))
      }
    })
  }
})
