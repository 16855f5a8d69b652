import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ledgerContract } from './ledger.ts'
import { openLedger } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const NOBODY = 65534
const directory = await mkdtemp(join(tmpdir(), 'tidemark-ledger-'))
after(() => rm(directory, { recursive: true, force: true }))

async function newPlace(): Promise<string> {
  const own = join(directory, randomUUID())
  await mkdir(own)
  return join(own, 'ledger.db')
}

async function everything(place: string): Promise<Buffer> {
  const own = join(place, '..')
  return Buffer.concat(await Promise.all((await readdir(own)).map(name => readFile(join(own, name)))))
}

const sqlite = { name: 'SQLite', newPlace, everything }
ledgerContract(sqlite)

it('an SQLite ledger is readable by nobody but its user', async () => {
  await using scene = await Scene.open(sqlite)
  for (const name of await readdir(join(scene.place, '..'))) {
    assert.equal((await stat(join(scene.place, '..', name))).mode & 0o777, 0o600, name)
  }
})

describe('an SQLite ledger says why it cannot be used', () => {
  it('when it is no database', async () => {
    const place = await newPlace()
    await writeFile(place, 'this is not a database, whatever its name says. '.repeat(100))
    await assert.rejects(
      openLedger(place),
      /cannot be used: it is damaged or not an SQLite database\. Restore it/,
    )
  })

  it('when it is damaged', async () => {
    await using scene = await Scene.open(sqlite)
    await scene.ledger.close()
    const file = await open(scene.place, 'r+')
    await file.write(Buffer.alloc(4000, 0xff), 0, 4000, 100)
    await file.close()
    await assert.rejects(openLedger(scene.place), /cannot be used: it is damaged or not an SQLite database/)
  })

  it('when it is read-only', async () => {
    await using scene = await Scene.open(sqlite)
    await scene.ledger.close()
    await chmod(scene.place, 0o444)
    await chmod(directory, 0o755)
    await chmod(join(scene.place, '..'), 0o555)
    try {
      await assert.rejects(
        asNobody(() => openLedger(scene.place)),
        /cannot be used: it is read-only\. Make the file/,
      )
    } finally {
      await chmod(join(scene.place, '..'), 0o755)
    }
  })

  it('when there is no such place', async () => {
    const refusal = /cannot be used: it cannot be opened\. Check that its directory exists/
    await assert.rejects(openLedger(join(directory, 'missing', 'ledger.db')), refusal)
    await assert.rejects(openLedger(directory), refusal, 'a directory')
  })
})

/** File modes mean nothing to root, who therefore becomes somebody else for a moment. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
