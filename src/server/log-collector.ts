import { setTimeout as pause } from 'node:timers/promises'
import type { LogLine } from '../logs/line.ts'
import type { LogStore } from '../logs/store.ts'

interface Batch<Line> {
  lines: readonly Line[]
  ack(): void
}

/** After lines could not be stored, when to try again. Their source keeps them meanwhile, bounded. */
const RETRY_AFTER = 1000

/**
 * Has the lines of a source stored as they come, and acknowledges them only then; ends with the source. Lines that
 * cannot be stored (a full disk) are tried again until `signal` aborts; `onTrouble` hears of the first failure in a row.
 */
export async function collectLogs<Line>(
  batches: AsyncIterable<Batch<Line>>,
  store: (lines: readonly Line[]) => Promise<void>,
  { signal, onTrouble }: { signal: AbortSignal; onTrouble: (error: unknown) => void },
): Promise<void> {
  for await (const batch of batches) {
    for (let tries = 0; !(await isStored(batch.lines, store, tries === 0 ? onTrouble : () => {})); tries++) {
      await pause(RETRY_AFTER, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
    }
    batch.ack()
  }
}

async function isStored<Line>(
  lines: readonly Line[],
  store: (lines: readonly Line[]) => Promise<void>,
  onTrouble: (error: unknown) => void,
): Promise<boolean> {
  return store(lines).then(
    () => true,
    error => {
      onTrouble(error)
      return false
    },
  )
}

export async function storeLines(
  logs: LogStore,
  lines: readonly { appId: string; line: LogLine }[],
): Promise<void> {
  for (const [appId, group] of Map.groupBy(lines, entry => entry.appId)) {
    await logs.append(
      appId,
      group.map(entry => entry.line),
    )
  }
}
