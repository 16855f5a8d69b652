import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { INIT, PLAIN_INIT } from '../../src/runtime/drivers/docker/init.ts'

const TIMES = 600
const AT_ONCE = 3
/** Within which half of the dynos are asked to stop, so that they are met at many places of their beginning: the others at once. */
const SPREAD = 200
const LIMIT = 20_000

const skip = process.getuid?.() === 0 ? false : 'Only root may have a process namespace of its own.'

/** As the first process of a container, which is the first of its namespace. */
suite('the first process of a dyno ends when it is asked to, each time', { skip }, () => {
  for (const [shell, init] of [
    ['bash', INIT],
    ['sh', PLAIN_INIT],
  ] as const)
    test(shell, async () => {
      const statuses = new Set<unknown>()
      for (let count = 0; count < TIMES; count += AT_ONCE)
        for (const status of await Promise.all(Array.from({ length: AT_ONCE }, () => stopped(shell, init))))
          statuses.add(status)
      assert.deepEqual([...statuses], [143])
    })
})

/** Exit status of a dyno that is stopped soon after its beginning; how it stands there when it does not end. */
async function stopped(shell: string, init: string): Promise<unknown> {
  const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc']
  const dyno = spawn('unshare', [...namespace, `/bin/${shell}`, '-c', init, shell, 'sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  })
  const exited = once(dyno, 'exit').then(([status]) => status)
  try {
    await once(dyno.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    const wait = (Math.random() * 2 - 1) * SPREAD
    if (wait > 0) await pause(wait)
    const { pid } = dyno
    const [first = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
    process.kill(Number(first), 'SIGTERM')
    const late = pause(LIMIT, undefined, { ref: false }).then(() => readFile(`/proc/${first}/status`, 'utf8'))
    return await Promise.race([exited, late])
  } finally {
    dyno.kill('SIGKILL')
  }
}
