import type { LogLine } from '../logs/line.ts'
import type { LogStore } from '../logs/store.ts'

interface Batch<Line> {
  lines: readonly Line[]
  ack(): void
}

/** Has the lines of a source stored as they come, and acknowledges them only then; ends with the source. */
export async function collectLogs<Line>(
  batches: AsyncIterable<Batch<Line>>,
  store: (lines: readonly Line[]) => Promise<void>,
): Promise<void> {
  for await (const batch of batches) {
    await store(batch.lines)
    batch.ack()
  }
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
