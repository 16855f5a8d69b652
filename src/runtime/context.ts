import type { AppSettings } from '../core/app.ts'
import type { Instant } from '../core/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LogLine } from '../logs/line.ts'
import type { Driver } from './driver.ts'
import type { Routing } from './routing.ts'

/** What the runtime works with. */
export interface RuntimeContext {
  ledger: Ledger
  driver: Driver
  routing: Routing
  clock: () => Instant
  /** The platform's defaults, where they differ from the program's. */
  settings: AppSettings
  log: (appId: string, line: Omit<LogLine, 'at'>) => void
  /** A destroyed app's last dyno is gone. */
  onGone: (appId: string) => void
  /** Hears of what went wrong and will be tried again. */
  onTrouble: (trouble: { appId: string; doing: string; error: unknown }) => void
}
