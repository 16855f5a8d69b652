/** Runs every measure, one after another: `npm run bench`. One that cannot run here says why and does not stop the rest. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MEASURES = [
  'rollback',
  'standby',
  'docker-rollback',
  'push',
  'config',
  'addons',
  'history',
  'router',
  'memory',
  'storage',
  'sweep',
  'retention',
  'rollouts',
  'restart',
  'churn',
  'kill-anywhere',
  'dyno-start',
  'cli',
]

for (const name of MEASURES) {
  console.log(`\n${name}`)
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const [status] = await once(spawn(process.execPath, [file], { stdio: 'inherit' }), 'exit')
  if (status !== 0) process.exitCode = 1
}
