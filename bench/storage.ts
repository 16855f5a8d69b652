/** Bytes that 100 one-line deploys of one app with 50 MB of dependencies leave in the artifact store. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeployedApp } from './deployed-app.ts'
import { compare } from './side-by-side.ts'

const DEPLOYS = 100
const DEPENDENCIES = 50
const MEGABYTE = 1_000_000

// Nothing of it runs by itself, so that storing is all a deploy does.
await using app = await DeployedApp.start('procfile-only', { Procfile: 'worker: node worker.mjs\n' })
const { repository, platform } = app
await mkdir(join(repository.directory, 'vendor'))
for (let file = 0; file < DEPENDENCIES; file++)
  await writeFile(join(repository.directory, 'vendor', `${file}.bin`), randomBytes(MEGABYTE))
let unique = DEPENDENCIES * MEGABYTE + (await codeBytes())
for (let deploy = 0; deploy < DEPLOYS; deploy++) {
  const line = `// change ${deploy}\n`
  await repository.write('worker.mjs', `setInterval(() => {}, 1000) ${line}`)
  unique += Buffer.byteLength(line)
  await app.deploy()
}
const blobs = await bytesOf(join(platform.dataDir, 'artifacts', 'blobs'))
compare(`bytes stored for ${DEPLOYS} deploys`, {
  ours: blobs / MEGABYTE,
  bare: unique / MEGABYTE,
  unit: 'MB',
  goal: { atMost: 1.1 },
})
for (const part of ['artifacts/unpacked', 'git', 'caches', 'ledger.db'])
  console.log(
    `  besides: ${part.padEnd(20)} ${((await bytesOf(join(platform.dataDir, part))) / MEGABYTE).toFixed(1)} MB`,
  )

async function codeBytes(): Promise<number> {
  const { stdout } = await repository.git('ls-files', '-z')
  const files = stdout.split('\0').filter(file => file !== '' && !file.startsWith('vendor/'))
  const sizes = await Promise.all(
    files.map(async file => (await stat(join(repository.directory, file))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function bytesOf(path: string): Promise<number> {
  const own = await stat(path).catch(() => undefined)
  if (!own?.isDirectory()) return own?.size ?? 0
  const names = await readdir(path)
  const sizes = await Promise.all(names.map(name => bytesOf(join(path, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}
