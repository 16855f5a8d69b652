import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { quoted } from './shell-quote.ts'

test('a shell reads every word back as it was', () => {
  const words = [
    'plain',
    '/a/b-c.js',
    '',
    'two words',
    "it's",
    '$HOME `id` "x"',
    'a\nb',
    '*',
    '-n',
    'é;|&<>()',
  ]
  const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`], {
    encoding: 'utf8',
  })
  assert.deepEqual(read.split('\0').slice(0, -1), words)
})
