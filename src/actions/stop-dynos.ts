import type { Actor } from '../core/account.ts'
import { dynoName } from '../core/dyno.ts'
import { notFound } from '../core/errors.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { type DynoSelection, formationSlot, selected } from './restart-dynos.ts'

/**
 * Stops dynos: a one-off or a release command ends; a formation dyno stays down until the next restart, release or
 * scaling of its type. Throws `not_found` for an unknown dyno or type.
 */
export async function stopDynos(
  ledger: Ledger,
  by: Actor,
  appId: string,
  selection: DynoSelection,
): Promise<void> {
  await ledger.transact(appId, async tx => {
    for (const name of await names(tx, selection)) await stopOne(tx, name)
    tx.emit(appId, 'formation:update', { description: `Stop ${selected(selection)}`, user: by.email })
  })
}

async function names(tx: AppTransaction, selection: DynoSelection): Promise<string[]> {
  if ('name' in selection) return [selection.name]
  const rows = (await tx.formations.list(tx.app.id)).filter(
    row => !('type' in selection) || row.type === selection.type,
  )
  const oneOffs = (await tx.dynos.oneOffs(tx.app.id)).filter(
    dyno => 'type' in selection && dyno.type === selection.type,
  )
  if (rows.length === 0 && oneOffs.length === 0) throw notFound('process_type')
  const places = rows.flatMap(row =>
    Array.from({ length: row.quantity }, (_, index) => dynoName(row.type, index + 1)),
  )
  return [...places, ...oneOffs.filter(dyno => dyno.state !== 'complete').map(dyno => dyno.name)]
}

async function stopOne(tx: AppTransaction, name: string): Promise<void> {
  const oneOff = (await tx.dynos.oneOffs(tx.app.id)).find(
    dyno => dyno.name === name && dyno.state !== 'complete',
  )
  if (oneOff) return tx.dynos.update(oneOff.id, { isStopAsked: true })
  await formationSlot(tx, name)
  const current = await tx.releases.current(tx.app.id)
  const slot = (await tx.slots.list(tx.app.id)).find(candidate => candidate.name === name)
  const fresh = { name, epoch: slot?.epoch ?? 0, crashes: 0, crashedAt: null }
  const kept = slot && slot.releaseId === current?.id ? slot : fresh
  await tx.slots.save(tx.app.id, { ...kept, releaseId: current?.id ?? null, isStopped: true })
}
