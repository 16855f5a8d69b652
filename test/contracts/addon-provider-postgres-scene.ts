/** What tests of the PostgreSQL provider do with a database, a server and its processes. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  openPostgres,
  type PostgresOptions,
  type PostgresProvider,
} from '../../src/addons/providers/postgres/provider.ts'
import type { ConfigVars } from '../../src/core/config-vars.ts'
import { withClient } from '../support/postgres.ts'
import type { ProviderWorld } from './addon-provider.ts'

export const KEY = Buffer.alloc(32, 7)
/** Below the suite's own limits, and well above what a loaded machine takes. */
export const PATIENCE = 6000

export interface PostgresWorld extends ProviderWorld {
  provider: PostgresProvider
}

/** A provider with `options`, over a server that others in the file use too. */
export async function postgresWorld(
  t: TestContext,
  options: PostgresOptions,
  cutOff: ProviderWorld['cutOff'],
): Promise<PostgresWorld> {
  let current = await openPostgres(options)
  t.after(() => current.release())
  return {
    get provider() {
      return current
    },
    restart: async () => {
      current.release()
      current = await openPostgres(options)
      await current.resume()
      return current
    },
    write: async (config, key, value) => {
      await withDatabase(config, async ask => {
        await ask('create table if not exists kept (key text primary key, value text)')
        await ask('insert into kept values ($1, $2) on conflict (key) do update set value = excluded.value', [
          key,
          value,
        ])
      })
    },
    read: async (config, key) =>
      withDatabase(config, async ask => {
        const [table] = await ask("select from pg_tables where schemaname = 'public' and tablename = 'kept'")
        if (table === undefined) return undefined
        const [row] = await ask('select value from kept where key = $1', [key])
        return row?.value
      }),
    cutOff,
  }
}

type Ask = (sql: string, values?: unknown[]) => Promise<Record<string, string>[]>

/** Connects as an app does. */
export function withDatabase<T>(config: ConfigVars, use: (ask: Ask) => Promise<T>): Promise<T> {
  const { DATABASE_URL: url } = config
  assert.ok(url)
  return withClient(url, async client => {
    client.on('error', () => {})
    return use(async (sql, values) => (await client.query(sql, values)).rows)
  })
}

/** The process id in the postmaster's file. */
export async function postmasterPid(directory: string): Promise<number> {
  return Number((await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

/** Everything that a postmaster runs, itself first. */
export function serverProcesses(postmaster: number): number[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
  return [postmaster, ...all.filter(pid => statOf(pid)?.parent === postmaster)]
}

/** Parent and session of a process, zombies aside; undefined when there is none. */
export function statOf(pid: number): { parent: number; session: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : { parent: Number(parent), session: Number(session) }
  } catch {
    return undefined
  }
}
