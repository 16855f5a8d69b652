import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whiteout } from './whiteout.ts'

test('a whiteout names one thing of the layers below, or all of a directory', () => {
  assert.deepEqual(whiteout('app/.wh.a'), { kind: 'remove', path: 'app/a' })
  assert.deepEqual(whiteout('.wh.app'), { kind: 'remove', path: 'app' })
  assert.deepEqual(whiteout('app/b/.wh..wh..opq'), { kind: 'empty', path: 'app/b' })
  assert.deepEqual(whiteout('.wh..wh..opq'), { kind: 'empty', path: '' })
  assert.equal(whiteout('.wh..wh.aufs'), 'ignored')
  assert.equal(whiteout('.wh..wh.plnk/1.2'), 'ignored')
  for (const path of ['a', 'app/wh.a', 'app/a.wh.']) assert.equal(whiteout(path), undefined)
})

test('a whiteout that would reach elsewhere is refused', () => {
  for (const path of ['.wh.', '.wh..', 'app/.wh...', 'app/.wh.a/b'])
    assert.throws(() => whiteout(path), { name: 'ArchiveFault', message: /but not what/ })
})
