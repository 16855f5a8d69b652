import assert from 'node:assert/strict'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT, startPlatform } from '../support/platform.ts'
import { show } from '../transcripts/terminal.ts'
import { parseTranscript, Reading, written } from '../transcripts/transcript.ts'

const TRANSCRIPTS = join(ROOT, 'test', 'transcripts')

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
