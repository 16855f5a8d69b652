import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { days } from '../core/time.ts'
import { tlsFiles } from './tls.ts'

const NAMES = ['localhost', '127.0.0.1', '::1', '*.localhost']

test('a certificate is made once, renewed in time and for other names, all by one authority', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-tls-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const now = Date.now()
  const first = await tlsFiles(directory, NAMES, now)
  assert.deepEqual(await tlsFiles(directory, NAMES, now), first)

  const renewed = await tlsFiles(directory, NAMES, now + days(380))
  assert.notEqual(renewed.key, first.key)
  const other = await tlsFiles(directory, [...NAMES, 'apps.example.com'], now + days(380))
  assert.notEqual(other.key, renewed.key)
  const issuers = [first, renewed, other].map(({ cert }) => new X509Certificate(cert).issuer)
  assert.equal(new Set(issuers).size, 1)
})
