import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Lets the user's editor loose on a text and answers what it was saved as. Nobody else can read the file meanwhile. */
export async function edit(env: NodeJS.ProcessEnv, name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-edit-'))
  const file = join(directory, name)
  try {
    await writeFile(file, text, { mode: 0o600 })
    // EDITOR may carry arguments of its own (`code --wait`), so a shell splits it, as git does; the file stays one word.
    const editor = env.VISUAL || env.EDITOR || 'vi'
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, file], { stdio: 'inherit', env })
    const [status] = (await once(child, 'exit')) as [number | null]
    if (status !== 0)
      throw new Error(
        `The editor ${editor} ended with status ${status ?? 'of a signal'}; nothing was changed.`,
      )
    return await readFile(file, 'utf8')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
