import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pack } from 'tar-stream'
import { BuildFailure } from '../build/builder.ts'
import type { Build } from '../core/build.ts'
import { uploadedSource } from './sources.ts'

async function tarball(): Promise<Buffer> {
  const tar = pack()
  tar.entry({ name: 'Procfile' }, 'web: true\n')
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function buildOf(url: string, checksum?: string): Build {
  return { source: { kind: 'url', url, ...(checksum && { checksum }) } } as Build
}

test('a source is fetched, and refused when it is not the one its checksum names', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-sources-'))
  t.after(() => rm(directory, { recursive: true }))
  const archive = await tarball()
  const server = createServer((request, response) => {
    if (request.url === '/missing') response.writeHead(404)
    response.end(archive)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const make = (name: string, build: Build) =>
    uploadedSource(build, directory)(join(directory, name), AbortSignal.timeout(10_000))

  const checksum = `SHA256:${createHash('sha256').update(archive).digest('hex')}`
  await make('right', buildOf(url, checksum))
  assert.equal(await readFile(join(directory, 'right', 'Procfile'), 'utf8'), 'web: true\n')
  await assert.rejects(make('wrong', buildOf(url, `SHA256:${'0'.repeat(64)}`)), (error: Error) => {
    assert.ok(error instanceof BuildFailure)
    assert.match(error.message, /has the checksum SHA256:[0-9a-f]{64}, not SHA256:0{64}/)
    return true
  })
  await assert.rejects(make('missing', buildOf(`${url}missing`)), /its server answered 404/)
})
