import type { App, AppSettings } from '../core/app.ts'
import { DEFAULT_SETTINGS } from '../core/app.ts'
import type { RetentionPolicy, RetentionScene } from '../core/retention.ts'
import type { Instant } from '../core/time.ts'
import type { Reader } from '../ledger/ledger.ts'

/** What the platform says to the retention of every app. */
export interface RetentionContext {
  /** For apps that have none of their own. */
  policy: RetentionPolicy
  /** The platform's settings, for apps that have none of their own. */
  settings: AppSettings
  now: Instant
  ageCounts: boolean
}

/** An app as the retention policy sees it. To be read in one moment with the releases that are judged. */
export async function retentionScene(
  reader: Reader,
  app: App,
  { policy, settings, now, ageCounts }: RetentionContext,
): Promise<RetentionScene> {
  const dynos = await reader.dynos.list(app.id)
  const scene = {
    policy: { ...policy, ...app.retention },
    ...{ now, ageCounts, lastVersion: app.lastVersion },
    running: new Set(dynos.map(dyno => dyno.releaseId)),
  }
  return {
    ...scene,
    standbyId: await standby(reader, app, { ...DEFAULT_SETTINGS, ...settings, ...app.settings }),
  }

  /** The release before the current one, while it is on standby or may be gone back to automatically. */
  async function standby(from: Reader, { id }: App, own: Required<AppSettings>): Promise<string | null> {
    const lasts = Math.max(own.standby, own.autoRollbackWindow)
    const current = await from.releases.current(id)
    if (lasts === 0 || current?.succeededAt == null) return null
    if (ageCounts && now > current.succeededAt + lasts) return null
    return (await from.releases.head(id, current.version))?.id ?? null
  }
}
