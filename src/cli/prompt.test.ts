import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { quoted } from './shell-quote.ts'

const PROMPT = fileURLToPath(new URL('./prompt.ts', import.meta.url))
const hasTerminals = spawnSync('script', ['--version']).status === 0

/** Runs a program on a terminal of its own and types `answer` the moment that it is asked; what the terminal showed. */
async function onTerminal(program: string, answer: string): Promise<string> {
  const line = [process.execPath, '--input-type=module', '--eval', program].map(quoted).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let shown = ''
  child.stdout.on('data', chunk => {
    if (!shown.includes('?') && String(chunk).includes('?')) child.stdin.write(answer)
    shown += String(chunk)
  })
  await once(child, 'close')
  return shown
}

const program = (name: string) =>
  `import { ${name} } from ${JSON.stringify(PROMPT)}; const got = await ${name}('What? '); console.log('got ' + got.length)`

test('a secret is not shown, however early it is typed, and is taken as it is', {
  skip: !hasTerminals && 'there is no script(1) here',
}, async () => {
  const shown = await onTerminal(program('askSecret'), ' hunter2 \r')
  assert.match(shown, /got 9/)
  assert.ok(!shown.includes('hunter2'), shown)
})

test('an answer is shown, and Ctrl-C is an answer of its own', {
  skip: !hasTerminals && 'there is no script(1) here',
}, async () => {
  assert.match(await onTerminal(program('ask'), 'shop \r'), /shop[\s\S]*got 4/)
  assert.match(await onTerminal(program('askSecret'), '\x03'), /Cancelled; nothing was changed/)
})
