import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { postmasterOf } from './postmaster.ts'

/** Clock ticks a second, as Linux shows them to programs everywhere. */
const TICKS = 100

/**
 * Forgets a server that was there when the machine, or the container, went down. Its number may be another process's of
 * the same user by now, and PostgreSQL would not start for fear of that one.
 */
export async function forgetStale(data: string): Promise<void> {
  if (process.platform !== 'linux' || postmasterOf(data) !== undefined) return
  const file = join(data, 'postmaster.pid')
  const lines = (await readText(file))?.split('\n')
  const startedAt = Number(lines?.[2])
  const begin = await beginning()
  if (startedAt > 0 && begin !== undefined && startedAt < begin) await rm(file, { force: true })
}

/** When the first process began, in seconds since the epoch: nothing that runs is older. */
async function beginning(): Promise<number | undefined> {
  const [, booted] = /^btime (\d+)$/m.exec((await readText('/proc/stat')) ?? '') ?? []
  const first = await readText('/proc/1/stat')
  const ticks = first?.slice(first.lastIndexOf(')') + 2).split(' ')[19]
  if (booted === undefined || ticks === undefined) return undefined
  return Number(booted) + Number(ticks) / TICKS
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
