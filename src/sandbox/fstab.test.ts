import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFstab } from './fstab.ts'

test('an entry is one line of six fields', () => {
  const text = formatFstab([
    { source: 'tmpfs', target: '/tmp', type: 'tmpfs', options: ['size=1m', 'nosuid'] },
  ])
  assert.equal(text, 'tmpfs /tmp tmpfs size=1m,nosuid 0 0\n')
})

test('blanks, line breaks, backslashes and # in a path cannot end the field', () => {
  const text = formatFstab([{ source: '/a b\tc\nd\\e#f', target: '/,:', type: 'none', options: ['bind'] }])
  assert.equal(text, '/a\\040b\\011c\\012d\\134e\\043f /,: none bind 0 0\n')
})

test('an option that mount would read as two is refused', () => {
  const entry = { source: 'overlay', target: '/app', type: 'overlay' }
  assert.throws(() => formatFstab([{ ...entry, options: ['lowerdir=/a,b'] }]), /would misread/)
})

test('a NUL character is refused', () => {
  assert.throws(() => formatFstab([{ source: '/a\0', target: '/b', type: 'none', options: [] }]), /NUL/)
})
