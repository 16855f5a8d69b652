import assert from 'node:assert/strict'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, startPlatform } from '../support/platform.ts'
import { show } from './terminal.ts'
import { parseTranscript, Reading, written } from './transcript.ts'

/**
 * Types a transcript's commands on a platform of its own, in the repository of the app that its head names (hello-node
 * unless it says `App: …`), and compares what is printed.
 */
export async function replay(transcript: string): Promise<void> {
  await using platform = await startPlatform()
  const app = /^App: ([a-z-]+)$/m.exec(transcript.split('\n$ ', 1)[0] ?? '')?.[1] ?? 'hello-node'
  await using home = await makeHome(platform.dataDir, app)
  const reading = new Reading()
  for (const exchange of parseTranscript(transcript)) {
    const lines = reading.inWordsOf(exchange.lines, await show(reading.filledIn(exchange.command), home))
    assert.equal(written({ ...exchange, lines }), written(exchange))
  }
}

/** A home of its own with a git repository in `shop`, the tidemark command in its path, and nothing of ours in its environment. */
async function makeHome(
  dataDir: string,
  app: string,
): Promise<{ cwd: string; env: NodeJS.ProcessEnv } & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-transcript-'))
  const [cwd, bin] = [join(home, 'shop'), join(home, 'bin')]
  await cp(join(ROOT, 'test/fixtures/apps', app), cwd, { recursive: true })
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
