import { Collector } from '../artifacts/collector.ts'
import { bootClock } from './boot-clock.ts'
import type { ServerConfig } from './config.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** Starts what destroys artifacts by the retention policies; it ends with the server. */
export function startCollector(
  { ledger, store, remains, unknown }: Storage,
  { config, parts }: { config: ServerConfig; parts: Stack },
): Collector {
  const collector = new Collector({
    ...{ ledger, store, remains, unknown, clock: Date.now, onTrouble: report },
    monotonic: bootClock,
    retention: { policy: config.retention, settings: config.settings },
  })
  collector.start()
  parts.push(() => collector.close())
  return collector
}
