import type { Actor } from '../core/account.ts'
import { renewed } from '../core/desired.ts'
import { dynoName } from '../core/dyno.ts'
import { invalid } from '../core/errors.ts'
import { type Formation, knownSize, nextQuantity } from '../core/formation.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'

export interface ScaleUpdate {
  type: string
  /** Absolute, or `+1` and `-1`. */
  quantity?: number | string
  size?: string
}

/** Changes quantities and sizes of process types; no release. Returns the formation of the types named. */
export async function scale(
  ledger: Ledger,
  by: Actor,
  appId: string,
  updates: readonly ScaleUpdate[],
): Promise<Formation[]> {
  return ledger.transact(appId, async tx => {
    for (const update of updates) {
      const rows = await tx.formations.list(appId)
      const row = rows.find(candidate => candidate.type === update.type)
      if (!row)
        throw invalid(
          unknownType(
            update.type,
            rows.map(known => known.type),
          ),
        )
      const quantity =
        update.quantity === undefined ? row.quantity : nextQuantity(row.quantity, update.quantity)
      await freshPlaces(tx, row, quantity)
      await tx.formations.update(row.id, {
        quantity,
        ...(update.size !== undefined && { size: knownSize(update.size) }),
      })
    }
    const rows = await tx.formations.list(appId)
    const words = rows.map(row => `${row.type}@${row.quantity}:${row.size}`).join(' ')
    tx.emit(appId, 'formation:update', { description: `Scaled to ${words}`, user: by.email })
    return rows.filter(row => updates.some(update => update.type === row.type))
  })
}

/**
 * Places that join the formation, and those a person had stopped, get a dyno that never was: one scaled away may be on
 * its way down still, and must not be taken for the new one.
 */
async function freshPlaces(tx: AppTransaction, row: Formation, quantity: number): Promise<void> {
  const slots = new Map((await tx.slots.list(tx.app.id)).map(slot => [slot.name, slot]))
  for (let number = 1; number <= quantity; number++) {
    const name = dynoName(row.type, number)
    const slot = slots.get(name)
    if (number <= row.quantity && !slot?.isStopped) continue
    await tx.slots.save(tx.app.id, renewed(name, slot))
  }
}

function unknownType(type: string, known: readonly string[]): string {
  if (known.length === 0)
    return `Couldn't find that process type (${type}): the app has no code yet. Deploy it first.`
  return `Couldn't find that process type (${type}). The Procfile declares: ${known.join(', ')}.`
}
