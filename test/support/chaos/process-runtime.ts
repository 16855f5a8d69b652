import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestPlatform } from '../platform.ts'
import { processesOf } from './processes.ts'
import type { ChaosRuntime } from './runtime.ts'

/** Dynos are processes of this machine. */
export const processRuntime: ChaosRuntime = {
  environment: {},

  async assertRuns({ dataDir }, dynos) {
    assertProcesses(dataDir, dynos.length)
    const files = join(dataDir, 'dynos', 'files')
    const running = dynos.map(({ id }) => id)
    const left = (await readdir(files)).filter(name => !running.includes(name))
    assert.deepEqual([left, await readdir(join(dataDir, 'dynos', 'trash'))], [[], []], 'files of dynos')
  },

  async assertNothingRuns({ dataDir }: TestPlatform) {
    assert.deepEqual(processesOf(dataDir), [])
    assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(dataDir), 'a mount is left')
    assert.deepEqual(await readdir(join(dataDir, 'dynos', 'files')), [])
  },

  remover: async () => async () => {},
}

/** The control plane, the dyno host, the router, and one session of processes for each dyno. */
function assertProcesses(dataDir: string, dynos: number): void {
  const processes = processesOf(dataDir)
  const parts = processes.filter(({ isConfined }) => !isConfined)
  assert.equal(parts.length, 3, parts.map(({ command }) => command).join('\n'))
  for (const main of ['tidemark.js server', 'host/main.', 'router/main.'])
    assert.equal(parts.filter(({ command }) => command.includes(main)).length, 1, main)
  const confined = processes.filter(({ isConfined }) => isConfined)
  assert.equal(new Set(confined.map(({ session }) => session)).size, dynos, JSON.stringify(confined))
}
