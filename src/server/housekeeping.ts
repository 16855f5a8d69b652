import { forgetUploads } from '../actions/upload-artifact.ts'
import { releaseDynoId } from '../core/release-command.ts'
import { removeUnfinished } from '../git/unfinished.ts'
import type { LedgerEvent } from '../ledger/events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { apiLines } from './api-log.ts'
import { storeLines } from './log-collector.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

const SWEEP_EVERY = 600_000
/** It is one app's bytes, and the end of the server waits for them. */
const NEVER = new AbortController().signal
/** Unpacked layers asked for within this time may be about to be used. */
const UNUSED_FOR = 300_000

/** Follows the ledger with what is no action: the API's log lines, and the removal of what nothing names any more. */
export async function keepHouse(storage: Storage, parts: Stack): Promise<void> {
  const { ledger } = storage
  const stop = ledger.onCommit(events => {
    logEvents(storage, events).catch(error => report({ doing: 'write log', error }))
  })
  parts.push(async () => stop())
  const timer = setInterval(() => {
    dropUnused(storage).catch(error => report({ doing: 'drop unpacked layers', error }))
    forgetUploads(ledger).catch(error => report({ doing: 'forget uploads', error }))
  }, SWEEP_EVERY)
  parts.push(async () => clearInterval(timer))
  await forgetUploads(ledger)
  await removeUnfinished(storage.paths.git)
  // What a crash left of apps destroyed before.
  const destroyed = await ledger.read.apps.archived()
  for (const { id } of destroyed) await removeDestroyed(storage, id)
}

async function logEvents({ logs }: Storage, events: readonly LedgerEvent[]): Promise<void> {
  await storeLines(logs, events.flatMap(apiLines))
}

/**
 * Removes the bytes of a destroyed app, once nothing of it runs. Trouble is reported; doing it again, which each start
 * does, also after a crash in the middle, does the rest.
 */
export async function removeDestroyed(storage: Storage, appId: string): Promise<void> {
  await remove(storage, appId).catch(error => report({ appId, doing: 'remove a destroyed app', error }))
}

async function remove(storage: Storage, appId: string): Promise<void> {
  const { ledger, remains, repositories, logs, transcripts } = storage
  await logs.remove(appId)
  for (const id of await outputsOf(ledger, appId)) await transcripts.remove(id)
  await remains.collect(NEVER)
  await repositories.remove(appId)
}

/** What its builds and its release commands printed, by transcript. */
async function outputsOf(ledger: Ledger, appId: string): Promise<string[]> {
  const limit = Number.MAX_SAFE_INTEGER
  const builds = await ledger.read.builds.list(appId, limit)
  const releases = await ledger.read.releases.list(appId, { order: 'asc', limit })
  return [...builds.map(({ id }) => id), ...releases.map(({ id }) => releaseDynoId(id))]
}

/** Unpacked layers are a cache: only what runs needs them. */
async function dropUnused({ ledger, store }: Storage): Promise<void> {
  await store.pruneUnpacked(await ledger.read.artifacts.digestsInUse(), Date.now() - UNUSED_FOR)
}
