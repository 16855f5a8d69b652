import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bashScript } from './bash.ts'

const COMMANDS = [
  { name: 'config', summary: '', options: ['--app', '--json', '--help'] },
  { name: 'config:get', summary: '', options: ['--app', '--help'] },
  { name: 'config:set', summary: '', options: ['--no-wait', '--help'] },
  { name: 'releases', summary: '', options: ['--num', '--help'] },
]

/** What bash offers after the words typed so far. */
function offered(line: string, breaks = ' :='): string[] {
  const ask = `COMP_WORDBREAKS="$3"; COMP_LINE="$2"; COMP_POINT="\${#2}"; source /dev/stdin <<< "$1"; _tidemark; printf '%s\\n' "\${COMPREPLY[@]}"`
  const printed = execFileSync('bash', ['-c', ask, 'bash', bashScript(COMMANDS), line, breaks], {
    encoding: 'utf8',
  })
  return printed.split('\n').filter(Boolean)
}

test('bash completes commands, past colons as well', () => {
  assert.deepEqual(offered('tidemark rel'), ['releases'])
  assert.deepEqual(offered('tidemark '), ['config', 'config:get', 'config:set', 'releases'])
  assert.deepEqual(offered('tidemark config:'), ['get', 'set'])
  assert.deepEqual(offered('tidemark config:g'), ['get'])
  assert.deepEqual(offered('tidemark config:g', ' '), ['config:get'])
})

test('bash completes the options of the command typed', () => {
  assert.deepEqual(offered('tidemark config:set --no'), ['--no-wait'])
  assert.deepEqual(offered('tidemark releases --'), ['--num', '--help'])
  assert.deepEqual(offered('tidemark nonsense --'), [])
})
