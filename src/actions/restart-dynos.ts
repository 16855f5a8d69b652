import type { Actor } from '../core/account.ts'
import { renewed } from '../core/desired.ts'
import { notFound } from '../core/errors.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'

/** What to restart or stop: everything, one process type, or one dyno by name. */
export type DynoSelection = { all: true } | { type: string } | { name: string }

/** Replaces dynos by fresh ones of the current release. One-off dynos are ended. Throws `not_found` for an unknown dyno. */
export async function restartDynos(
  ledger: Ledger,
  by: Actor,
  appId: string,
  selection: DynoSelection,
): Promise<void> {
  await ledger.transact(appId, async tx => {
    if ('name' in selection) await restartOne(tx, selection.name)
    else await restartTypes(tx, 'type' in selection ? selection.type : undefined)
    tx.emit(appId, 'formation:update', { description: `Restart ${selected(selection)}`, user: by.email })
  })
}

export function selected(selection: DynoSelection): string {
  if ('name' in selection) return selection.name
  return 'type' in selection ? selection.type : 'all dynos'
}

async function restartTypes(tx: AppTransaction, type: string | undefined): Promise<void> {
  const rows = (await tx.formations.list(tx.app.id)).filter(row => type === undefined || row.type === type)
  if (type !== undefined && rows.length === 0) throw notFound('process_type')
  for (const row of rows) await tx.formations.update(row.id, { epoch: row.epoch + 1 })
  const names = new Set(rows.map(row => row.type))
  for (const slot of await tx.slots.list(tx.app.id)) {
    // A restart is a clean start: whoever was stopped or had crashed begins anew.
    if (names.has(slot.name.split('.')[0] ?? '')) {
      await tx.slots.save(tx.app.id, { ...slot, isStopped: false, crashes: 0, crashedAt: null })
    }
  }
}

async function restartOne(tx: AppTransaction, name: string): Promise<void> {
  const oneOff = (await tx.dynos.oneOffs(tx.app.id)).find(
    dyno => dyno.name === name && dyno.state !== 'complete',
  )
  if (oneOff) return tx.dynos.update(oneOff.id, { isStopAsked: true })
  await formationSlot(tx, name)
  const slot = (await tx.slots.list(tx.app.id)).find(candidate => candidate.name === name)
  await tx.slots.save(tx.app.id, renewed(name, slot))
}

/** Throws `not_found` unless `name` (`web.1`) is a place of the formation. */
export async function formationSlot(tx: AppTransaction, name: string): Promise<void> {
  const [, type, number] = /^(.+)\.(\d{1,6})$/.exec(name) ?? []
  const row = (await tx.formations.list(tx.app.id)).find(candidate => candidate.type === type)
  if (!row || Number(number) < 1 || Number(number) > row.quantity) throw notFound('dyno')
}
