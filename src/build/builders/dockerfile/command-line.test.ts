import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { commandLineOf, commandLineWith, ignoresCommand } from './command-line.ts'

describe('the command line of an image', () => {
  it('is the script of an instruction in shell form', () => {
    const cmd = ['/bin/sh', '-c', 'node server.js --port $PORT']
    assert.equal(commandLineOf({ entrypoint: [], cmd }), 'node server.js --port $PORT')
    assert.equal(commandLineOf({ entrypoint: cmd, cmd: [] }), 'node server.js --port $PORT')
  })

  it('quotes words, so that the shell changes none of them', () => {
    const words = ['printf', '[%s]', 'a b', "it's", '$HOME', '*', '', '\\', '"x"', 'a\nb', 'plain-1.0']
    const line = commandLineOf({ entrypoint: words.slice(0, 2), cmd: words.slice(2) })
    const printed = execFileSync('/bin/sh', ['-c', line ?? ''], { encoding: 'utf8' })
    assert.equal(
      printed,
      words
        .slice(2)
        .map(word => `[${word}]`)
        .join(''),
    )
  })

  it('is nothing when the image says nothing', () => {
    assert.equal(commandLineOf({ entrypoint: [], cmd: [] }), undefined)
    for (const script of ['', ' \n'])
      assert.equal(commandLineOf({ entrypoint: [], cmd: ['/bin/sh', '-c', script] }), undefined)
  })

  it('keeps another shell', () => {
    const cmd = ['/bin/bash', '-o', 'pipefail', '-c', 'a | b']
    assert.equal(commandLineOf({ entrypoint: [], cmd }), "/bin/bash -o pipefail -c 'a | b'")
  })
})

describe('the command line of a process type', () => {
  it('is the command as it is where there is no entrypoint', () => {
    assert.equal(commandLineWith([], 'a && b'), 'a && b')
  })

  it('leaves it to an entrypoint in shell form, of whichever shell, what it makes of the command', () => {
    for (const shell of [
      ['/bin/sh', '-c'],
      ['/bin/bash', '-o', 'pipefail', '-c'],
    ])
      for (const [script, printed, ignores] of [
        ['echo entry', 'entry\n', true],
        ['A=1; echo $A "$0" "$@"', '1 a b\n', false],
        [`printf '[%s]' "$#\${1}"`, '[1b]', false],
      ] as const) {
        const line = commandLineWith([...shell, script], 'a b')
        assert.equal(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }), printed)
        assert.equal(ignoresCommand([...shell, script]), ignores, script)
      }
    assert.equal(ignoresCommand([]), false)
    assert.equal(ignoresCommand(['/bin/sh', '-c']), false)
    assert.equal(ignoresCommand(['/entry', 'x']), false)
  })

  it('is one word to a shell that waits for it', () => {
    for (const shell of [
      ['/bin/sh', '-c'],
      ['bash', '-l', '-c'],
      ['/usr/bin/env', 'bash', '-euc'],
    ]) {
      const line = commandLineWith(shell, "printf '[%s]' a b")
      assert.equal(line, `${shell.join(' ')} 'printf '\\''[%s]'\\'' a b'`)
      assert.equal(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }), '[a][b]')
    }
    assert.equal(commandLineWith(['/bin/tini', '-c'], 'a b'), '/bin/tini -c a b', 'it is no shell')
    assert.equal(commandLineWith(['bash', '-c', 'exec "$@"', 'run'], 'a b'), `bash -c 'exec "$@"' run a b`)
  })

  for (const [command, line] of [
    ['bundle exec puma -p $PORT', '/entry point.sh bundle exec puma -p $PORT'],
    ['server.js', '/entry point.sh server.js'],
    ['a && b', "/entry point.sh /bin/sh -c 'a && b'"],
    ['A=1 b', "/entry point.sh /bin/sh -c 'A=1 b'"],
    ['exec b', "/entry point.sh /bin/sh -c 'exec b'"],
    ["echo 'x' > y", "/entry point.sh /bin/sh -c 'echo '\\''x'\\'' > y'"],
  ] as const) {
    it(`keeps the entrypoint before ${JSON.stringify(command)}`, () => {
      assert.equal(
        commandLineWith(['/entry point.sh'], command),
        line.replace('/entry point.sh', "'/entry point.sh'"),
      )
    })
  }
})
