/** What the platform keeps in memory when nothing happens: control plane, router and dyno host, without the apps' own. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { DeployedApp, serverSource } from './deployed-app.ts'
import { state } from './side-by-side.ts'

const SETTLING = 10_000
const MEGABYTE = 1024
const GOAL = { atMost: 160 }

{
  await using platform = await startPlatform()
  await show('idle memory, no apps', platform)
}
{
  await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(0) })
  await show('idle memory, one app', app.platform)
}

interface Process {
  name: string
  /** Megabytes: memory shared by several processes counts a part for each. */
  pss: number
  rss: number
}

async function show(what: string, { pid }: TestPlatform): Promise<void> {
  await delay(SETTLING)
  const processes = tree(pid).flatMap(id => look(id) ?? [])
  const sum = (part: 'pss' | 'rss') => processes.reduce((total, process) => total + process[part], 0)
  state(what, { value: sum('pss'), unit: 'MB (PSS)', goal: GOAL })
  for (const { name, pss, rss } of processes)
    console.log(`  ${name.padEnd(14)} ${pss.toFixed(1)} MB PSS, ${rss.toFixed(1)} MB RSS`)
  console.log(`  together       ${sum('rss').toFixed(1)} MB RSS`)
}

/** One of the platform's processes; undefined for a dyno's. */
function look(pid: number): Process | undefined {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  const name = /bin\/tidemark/.test(command)
    ? 'control plane'
    : /router\/main/.test(command)
      ? 'router'
      : /process\/host\/main/.test(command)
        ? 'dyno host'
        : undefined
  if (name === undefined) return undefined
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(memory)?.[1]) / MEGABYTE
  return { name, pss: megabytes('Pss'), rss: megabytes('Rss') }
}

/** A process and everything below it. */
function tree(root: number): number[] {
  const children = Map.groupBy(processIds(), parentOf)
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)]
  return below(root)
}

function processIds(): number[] {
  return readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
