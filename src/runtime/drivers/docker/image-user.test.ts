import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesRoot } from './image-user.ts'

test('a name stands for root when any line says so, or says no id that can be read', () => {
  for (const line of [
    'boss:x:0:0:',
    '  boss:x:+0',
    'boss',
    'boss:x',
    'boss:x:one',
    'boss:x:0x3',
    '\u0085boss:x:00',
  ])
    assert.ok(namesRoot(`worker:x:5:5::/:\nboss:x:7:7::/:\n${line}\r\n`, 'boss'), line)
  for (const line of ['boss:x:7:0:', '#boss:x:0', 'bos:x:0', ''])
    assert.ok(!namesRoot(`${line}\nworker:x:0`, 'boss'), line)
})
