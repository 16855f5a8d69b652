import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { readPlainFile } from './plain-file.ts'

/**
 * Removes from a source tree what no build should see: git's own files, the contents of `log` and `tmp`, and all that
 * `.slugignore` names. Returns what the person pushing should know, in sentences.
 */
export async function cleanSource(directory: string): Promise<readonly string[]> {
  const notes: string[] = []
  if ((await readPlainFile(join(directory, '.gitmodules'), 64 * 1024)) !== undefined) {
    notes.push(
      'Submodules are not fetched: their directories are empty. Commit their files, or install them as dependencies.',
    )
  }
  for (const name of ['.git', '.gitmodules'])
    await rm(join(directory, name), { recursive: true, force: true })
  for (const name of ['log', 'tmp']) await empty(join(directory, name))
  const rules = await readPlainFile(join(directory, '.slugignore'), 64 * 1024)
  if (rules !== undefined) notes.push(...(await applySlugignore(directory, rules)))
  return notes
}

async function empty(directory: string): Promise<void> {
  const stats = await lstat(directory).catch(() => undefined)
  if (!stats?.isDirectory()) return
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true })
}

/** `.slugignore` is a `.gitignore` without negation: a pattern that begins with `!` is left out, and said so. */
async function applySlugignore(directory: string, text: string): Promise<readonly string[]> {
  const lines = text.split(/\r?\n/)
  const negated = lines.filter(line => line.startsWith('!'))
  await removeIgnored(directory, '', ignore().add(lines.filter(line => !line.startsWith('!'))))
  return negated.map(line => `.slugignore: negation is not supported, ${JSON.stringify(line)} was left out.`)
}

async function removeIgnored(directory: string, inside: string, rules: Ignore): Promise<void> {
  for (const entry of await readdir(join(directory, inside), { withFileTypes: true })) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`
    if (rules.ignores(entry.isDirectory() ? `${path}/` : path))
      await rm(join(directory, path), { recursive: true, force: true })
    else if (entry.isDirectory()) await removeIgnored(directory, path, rules)
  }
}
