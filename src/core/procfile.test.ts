import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formationTypes, parseProcfile } from './procfile.ts'

describe('Procfile', () => {
  for (const [title, text, types] of [
    [
      'one type a line',
      'web: node server.js\nworker: node w.js',
      { web: 'node server.js', worker: 'node w.js' },
    ],
    ['blank lines and comments', '\n# who\nweb: x\n\n', { web: 'x' }],
    ['Windows line ends and a byte order mark', '\uFEFFweb: x\r\nrelease: y\r\n', { web: 'x', release: 'y' }],
    ['a command with colons', 'web: a:b --url=http://c', { web: 'a:b --url=http://c' }],
    ['no space after the colon', 'web:x', { web: 'x' }],
    ['dashes, underscores and digits in the type', 'a-b_1: x', { 'a-b_1': 'x' }],
    [
      'types that every object has from its prototype',
      'constructor: x\ntoString: y',
      { constructor: 'x', toString: 'y' },
    ],
    ['nothing', '', {}],
  ] as const) {
    it(`reads ${title}`, () => {
      const result = parseProcfile(text)
      assert.ok(result.ok)
      assert.deepEqual(Object.entries(result.types), Object.entries(types))
    })
  }

  for (const [text, line, reason] of [
    ['web', 1, /^expected `<process type>: <command>`/],
    ['web: x\nwo rker: y', 2, /^expected/],
    ['web:', 1, /web has no command/],
    ['\nweb:   ', 2, /web has no command/],
    ['web: x\nweb: y', 2, /web is declared twice/],
    ['web: x\0y', 1, /NUL/],
    ['__proto__: x\n__proto__: y', 2, /declared twice/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const result = parseProcfile(text)
      assert.ok(!result.ok)
      assert.equal(result.line, line)
      assert.match(result.reason, reason)
    })
  }

  it('loses no type that it accepts', () => {
    const type = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
      fc.constantFrom('__proto__', 'constructor'),
    )
    fc.assert(
      fc.property(fc.uniqueArray(type), types => {
        const result = parseProcfile(types.map(each => `${each}: run ${each}`).join('\n'))
        assert.ok(result.ok)
        assert.deepEqual(Object.keys(result.types).toSorted(), types.toSorted())
        for (const each of types) assert.equal(result.types[each], `run ${each}`)
      }),
    )
  })

  it('counts the release command as no part of the formation', () => {
    assert.deepEqual(formationTypes({ release: 'x', web: 'y', worker: 'z' }), ['web', 'worker'])
  })
})
