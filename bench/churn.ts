/** Rolls back again and again: after ROLLBACKS of them, 1,000 unless told, no process, open file or disk space more is in use. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { processesOf } from '../test/support/chaos/processes.ts'
import { DeployedApp, serverSource, until } from './deployed-app.ts'
import { state } from './side-by-side.ts'

interface Usage {
  processes: number
  openFiles: number
  dynoBytes: number
  bytes: number
}

const run = promisify(execFile)
const rollbacks = Number(process.env.ROLLBACKS ?? 1000)
/** Caches and pools are full by then. */
const warmUp = Math.min(50, rollbacks)

await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(0) })
const target = (await app.client.releases.newest(app.name)).id
await rollBack(warmUp)
const before = await usage(app.platform.dataDir)
await rollBack(rollbacks)
const after = await usage(app.platform.dataDir)
const grown = (what: keyof Usage) => after[what] - before[what]
state(`${rollbacks} rollbacks, processes more`, { value: grown('processes'), unit: '', goal: { atMost: 0 } })
state(`${rollbacks} rollbacks, open files more`, { value: grown('openFiles'), unit: '', goal: { atMost: 8 } })
state('dynos, disk more', { value: grown('dynoBytes') / 1e6, unit: 'MB', goal: { atMost: 1 } })
// The ledger keeps every release for ever; a few kilobytes each are its rows.
state('a rollback, disk', { value: grown('bytes') / rollbacks / 1e3, unit: 'kB', goal: { atMost: 20 } })

async function rollBack(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const { version } = await app.client.releases.rollback(app.name, target)
    // The app itself is asked: the API answers an account only so often in an hour.
    await until(async () => (await app.ask())?.release === `v${version}`, 5)
  }
  await app.settled()
}

async function usage(dataDir: string): Promise<Usage> {
  const processes = processesOf(dataDir)
  const descriptors = await Promise.all(processes.map(({ pid }) => readdir(`/proc/${pid}/fd`)))
  return {
    processes: processes.length,
    openFiles: descriptors.flat().length,
    dynoBytes: await diskUsage(`${dataDir}/dynos`),
    bytes: await diskUsage(dataDir),
  }
}

async function diskUsage(directory: string): Promise<number> {
  const { stdout } = await run('du', ['--summarize', '--block-size=1', directory])
  return Number.parseInt(stdout, 10)
}
