import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Output } from './output.ts'
import { completeProgram } from './program.ts'
import { Session } from './session.ts'

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))

describe('the command line, with no platform about', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tidemark-home-'))
  })
  after(() => rm(home, { recursive: true }))

  function tidemark(...argv: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const options = { cwd: home, env: { PATH: process.env.PATH, HOME: home } }
    return new Promise(resolve => {
      const child = execFile(process.execPath, [BIN, ...argv], options, (_, stdout, stderr) => {
        resolve({ status: child.exitCode ?? -1, stdout, stderr })
      })
      child.stdin?.end()
    })
  }

  test('says its version, and its help when nothing is asked', async () => {
    assert.match((await tidemark('--version')).stdout, /^tidemark \d+\.\d+\.\d+\n$/)
    for (const argv of [[], ['--help'], ['help']]) {
      const { status, stdout } = await tidemark(...argv)
      assert.equal(status, 0)
      assert.match(stdout, /^Usage: tidemark COMMAND[\s\S]*Releases:\n {2}releases /)
    }
  })

  test('help explains and never acts', async () => {
    for (const argv of [
      ['help', 'rollback'],
      ['rollback', '--help'],
      ['apps:destroy', 'shop', '--confirm', 'shop', '--help'],
    ]) {
      const { status, stdout, stderr } = await tidemark(...argv)
      assert.deepEqual([status, stderr], [0, ''])
      assert.match(stdout, /^Usage: tidemark (rollback|apps:destroy)/)
    }
  })

  test('what is typed wrongly is a sentence and status 2', async () => {
    for (const [argv, sentence] of [
      [['relases'], / ! {4}Unknown command 'relases'\. Did you mean releases\?\n/],
      [['releases', '--bogus'], / ! {4}Unknown option '--bogus'\./],
      [
        ['releases', '-n', 'many'],
        / ! {4}Option '-n, --num <count>' argument 'many' is invalid\. Use a whole number from 1 on\./,
      ],
      [['apps:rename'], / ! {4}Missing required argument 'name'\./],
      [['releases'], / ! {4}No platform is known\./],
    ] as const) {
      const { status, stdout, stderr } = await tidemark(...argv)
      assert.deepEqual([status, stdout], [2, ''], argv.join(' '))
      assert.match(stderr, sentence)
    }
  })

  test('a password is not asked for where there is no terminal', async () => {
    const { status, stderr } = await tidemark('login', '--url', 'http://localhost:1', '--email', 'a@b')
    assert.equal(status, 2)
    assert.match(stderr, /no terminal to ask on/)
  })

  test('every command loads, and is told apart by its name and aliases', async () => {
    const output = new Output(process.stdout, process.stderr, {})
    const program = await completeProgram(new Session({}, home, output))
    const names = program.commands.flatMap(command => [command.name(), ...command.aliases()])
    assert.equal(new Set(names).size, names.length)
    for (const command of program.commands) {
      assert.notEqual(command.description(), '')
      assert.match(command.helpInformation(), new RegExp(`^Usage: tidemark ${command.name()}`))
    }
  })

  test('completion scripts know every command', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { status, stdout } = await tidemark('completion', shell)
      assert.equal(status, 0)
      for (const name of ['releases:info', 'config:set', 'apps:destroy'])
        assert.ok(stdout.includes(name.replace(':', shell === 'zsh' ? '\\:' : ':')))
    }
  })
})
