import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { pack } from 'tar-stream'
import { eachEntry } from './entries.ts'

const never = new AbortController().signal
const count = () => {}

async function namesIn(tar: Buffer | Iterable<Buffer>): Promise<string[]> {
  const names: string[] = []
  const stream = Readable.from(Buffer.isBuffer(tar) ? [tar] : tar, { objectMode: false })
  await eachEntry(stream, { visit: async ({ header }) => void names.push(header.name), count, signal: never })
  return names
}

test('entries come one after another, however large; what is left unread of them is skipped', async () => {
  const archive = pack()
  for (const name of ['a', 'b', 'c']) archive.entry({ name }, Buffer.alloc(6_000_000))
  archive.entry({ name: 'long/'.repeat(100) }, 'x')
  archive.finalize()
  assert.deepEqual(await namesIn(await buffer(archive)), ['a', 'b', 'c', 'long/'.repeat(100)])
})

test('a header that never ends is refused before it fills the memory', async () => {
  const archive = pack()
  archive.entry({ name: 'x' }, '')
  archive.finalize()
  const header = (await buffer(archive)).subarray(0, 512)
  // A header for the next entry, of 8 GB.
  header.write('77777777777', 124)
  header.write('x', 156)
  header.fill(' ', 148, 156)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  let given = 0
  const endless = function* () {
    yield header
    for (;;) {
      given += 1_000_000
      yield Buffer.alloc(1_000_000)
    }
  }
  await assert.rejects(namesIn(endless()), { name: 'ArchiveFault', message: /damaged/ })
  assert.ok(given < 20_000_000, `${given} bytes were read`)
})

/** An entry of tar as it lies in the archive, of any type. */
function raw(type: string, content: string): Buffer {
  const header = Buffer.alloc(512)
  header.write('x')
  header.write(content.length.toString(8).padStart(11, '0'), 124)
  header.write(type, 156)
  header.write('ustar\x0000', 257)
  header.fill(' ', 148, 156)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(-content.length & 511)])
}

test('headers that extend others may be as long as any file system needs them, and no longer', async () => {
  const record = (length: number) => `${length} a=${'x'.repeat(length - String(length).length - 4)}\n`
  const tar = (...headers: Buffer[]) => Buffer.concat([...headers, raw('0', ''), Buffer.alloc(1024)])
  assert.deepEqual(await namesIn(tar(raw('g', record(4096)), raw('x', record(131_072)))), ['x'])
  await assert.rejects(namesIn(tar(raw('g', record(4097)))), /a header of 4,097 bytes/)
  await assert.rejects(namesIn(tar(raw('x', record(131_073)))), /a header of 131,073 bytes/)
  await assert.rejects(namesIn(tar(raw('L', 'long/'.repeat(30_000)))), /a header of 150,000 bytes/)
})

test('what looks at an entry may fail in its own words', async () => {
  const archive = pack()
  archive.entry({ name: 'a' }, 'a')
  archive.finalize()
  const tar = Readable.from([await buffer(archive)])
  const own = new TypeError('mine')
  await assert.rejects(
    eachEntry(tar, { visit: () => Promise.reject(own), count, signal: never }),
    error => error === own,
  )
})
