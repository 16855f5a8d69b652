import type { LogLine } from '../logs/line.ts'
import type { LogStore } from '../logs/store.ts'

interface Batch {
  lines: readonly { appId: string; line: LogLine }[]
  ack(): void
}

/** Stores the lines of a source as they come, and acknowledges them only then; ends with the source. */
export async function collectLogs(logs: LogStore, batches: AsyncIterable<Batch>): Promise<void> {
  for await (const batch of batches) {
    await storeLines(logs, batch.lines)
    batch.ack()
  }
}

export async function storeLines(logs: LogStore, lines: Batch['lines']): Promise<void> {
  for (const [appId, group] of Map.groupBy(lines, entry => entry.appId)) {
    await logs.append(
      appId,
      group.map(entry => entry.line),
    )
  }
}
