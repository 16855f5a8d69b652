import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plain, printable } from '../printable.ts'
import { BuildLog } from './build-log.ts'

function shown(chunks: readonly (string | Buffer)[], limits = { total: 1_000_000, line: 1000 }): string {
  let text = ''
  const stream = new BuildLog(piece => (text += piece), limits).stream()
  for (const chunk of chunks) stream.write(Buffer.from(chunk))
  stream.end()
  return text
}

describe('what a build prints', () => {
  it('comes out line by line, whatever the chunks; the last line is ended', () => {
    assert.equal(shown(['on', 'e\ntw', 'o']), 'one\ntwo\n')
    assert.equal(shown(['a\r', '\nb\r\nc']), 'a\nb\nc\n')
    assert.equal(shown([Buffer.from([0xe2, 0x82]), Buffer.from([0xac])]), '€\n')
  })

  it('has the steps of a progress bar on lines of their own', () => {
    assert.equal(shown(['10%\r20%\r30%\n']), '10%\n20%\n30%\n')
  })

  it('keeps colours and tabs, and loses what plays tricks on a terminal', () => {
    assert.equal(printable('\x1b[1;32mgreen\x1b[0m\ttab'), '\x1b[1;32mgreen\x1b[0m\ttab')
    assert.equal(
      printable('\x1b[2J\x1b[10;1Hx\x1b]0;title\x07y\x1b]52;c;AAAA\x1b\\z\x1bc\x07\b\x9b31m'),
      'xyz31m',
    )
    assert.equal(printable('\x1b[?25lhidden\u202Ereversed'), 'hiddenreversed')
    assert.equal(plain('\x1b[8mF\0R\x1b[2JO\x1b\nM'), 'FRO\nM')
  })

  it('has no endless lines', () => {
    assert.equal(
      shown(['x'.repeat(30), 'y\nnext\n'], { total: 1000, line: 10 }),
      `${'x'.repeat(10)} … (line cut)\nnext\n`,
    )
  })

  it('ends with a sentence when it is too much', () => {
    assert.equal(
      shown(['a'.repeat(600), '\nb\nc\n'], { total: 500, line: 1000 }),
      `${'a'.repeat(600)}\n       The output is longer than 0.5kB: the rest is not shown.\n`,
    )
  })
})
