import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDockerIgnore } from './dockerignore.ts'

describe('.dockerignore', () => {
  for (const [text, ignored, kept] of [
    ['node_modules', ['node_modules', 'node_modules/a/b.js'], ['lib/node_modules', 'node_modules2']],
    ['/dist/', ['dist', 'dist/a'], ['src/dist']],
    ['**/node_modules', ['node_modules/x', 'a/b/node_modules/x'], ['a/node_modulesx']],
    ['*.log', ['a.log'], ['logs/a.log']],
    ['**/*.log', ['a.log', 'logs/deep/a.log'], ['a.logs']],
    ['logs/**', ['logs/a', 'logs/a/b'], ['logs', 'log']],
    ['temp?', ['temp1', 'tempx/a'], ['temp', 'temp12']],
    ['[ab].txt', ['a.txt', 'b.txt'], ['c.txt']],
    ['[^ab].txt', ['c.txt'], ['a.txt']],
    ['*\n!src\n!package.json', ['secret', 'lib/a.js'], ['src', 'src/deep/a.js', 'package.json']],
    ['docs\n!docs/README.md', ['docs/a.md'], ['docs/README.md']],
    ['!a\na', ['a'], []],
    ['# a comment\n\n  spaced  ', ['spaced'], ['# a comment']],
    ['./a/../b', ['b'], ['a']],
    ['a.b', ['a.b'], ['axb']],
    ['\\*', ['*'], ['x']],
    ['[z-a]', ['[z-a]'], ['z']],
    ['.', [], ['a']],
    ['../secret', [], ['secret']],
    ['a/../../secret', [], ['secret']],
    ['/../secret', ['secret'], []],
    ['a/**/b', ['a/b', 'a/x/y/b'], ['a/xb', 'ab']],
    ['**/**/b', ['b', 'a/b', 'a/a/b/c'], ['ab']],
    ['a**b', ['ab', 'a/b', 'ax/b', 'a/x/y/b', 'ab/c'], ['axb', 'a/xb']],
    ['a**', ['a', 'ab', 'a/b'], ['b/a']],
    ['a***b', ['ab', 'axb', 'a/b', 'a/xb', 'a/x/b'], ['ba']],
    ['**b', ['b', 'ab', 'a/b', 'a/ab'], ['bc']],
    ['**b/c', ['b/c', 'a/b/c', 'a/ab/c'], ['b']],
    ['**b?', ['bc', 'a/bc'], ['abc', 'a/abc']],
    ['**[ab]', ['a', 'x/b'], ['xa']],
    ['**', ['a', 'a/b'], []],
    ['****b*', ['b', 'a/bc'], ['ab']],
    ['a****', ['a', 'ab/c'], ['b']],
    ['**/*/b', ['a/b', 'a/a/b'], ['b']],
    ['[a-c-]', ['b', '-'], ['d']],
    ['?', ['é', '😀'], ['']],
  ] as const) {
    it(JSON.stringify(text), () => {
      const ignore = parseDockerIgnore(text)
      assert.deepEqual(
        [...ignored, ...kept].filter(path => ignore.ignores(path)),
        [...ignored],
      )
    })
  }

  it('is read at once, however many stars are in it', () => {
    for (const pattern of [
      '*a'.repeat(40),
      '**/a'.repeat(40),
      '**a?'.repeat(40),
      '***'.repeat(20_000),
      '**/*'.repeat(40),
      '[a-b]*'.repeat(40),
      '['.repeat(60_000),
    ])
      assert.equal(parseDockerIgnore(`${pattern}*c`).ignores(`${'a'.repeat(200)}/a`), false)
  })

  it('knows whether it has exceptions', () => {
    assert.equal(parseDockerIgnore('a').hasExceptions, false)
    assert.equal(parseDockerIgnore('a\n!a/b').hasExceptions, true)
  })
})
