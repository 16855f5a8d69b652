import type { Slot } from '../core/desired.ts'
import type { Dyno, DynoState } from '../core/dyno.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** What the runtime saw, to be shown by `ps` and remembered over a restart. */
export interface DynoReport {
  /** Dynos that were not known before. */
  appeared: readonly Omit<Dyno, 'releaseVersion' | 'exitStatus' | 'createdAt' | 'updatedAt'>[]
  changed: readonly { id: string; state: DynoState; exitStatus: number | null }[]
  gone: readonly string[]
  crashed: readonly Slot[]
}

/** Writes down what the runtime saw. Writing the same down again changes nothing. */
export async function recordDynos(ledger: Ledger, appId: string, report: DynoReport): Promise<void> {
  await ledger.transact(appId, async tx => {
    for (const slot of report.crashed) await recordCrash(slot)
    for (const dyno of report.appeared) {
      await tx.dynos.insert(dyno)
      tx.emit(appId, 'dyno:create', { id: dyno.id, name: dyno.name, state: dyno.state })
    }
    for (const { id, state, exitStatus } of report.changed) {
      await tx.dynos.update(id, { state, exitStatus })
      tx.emit(appId, 'dyno:update', { id, state })
    }
    await tx.dynos.delete(report.gone)

    async function recordCrash(slot: Slot): Promise<void> {
      const known = (await tx.slots.list(appId)).find(candidate => candidate.name === slot.name)
      // A restart asked for in the meantime wins: the crash belongs to a dyno that no longer counts.
      if (known && known.epoch !== slot.epoch) return
      // One that a person stopped meanwhile stays down.
      const isStopped = known?.releaseId === slot.releaseId && known.isStopped
      await tx.slots.save(appId, { ...slot, isStopped })
      tx.emit(appId, 'dyno:crash', { name: slot.name, releaseId: slot.releaseId, crashes: slot.crashes })
    }
  })
}
