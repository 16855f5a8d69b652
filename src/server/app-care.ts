import type { Check } from '../core/doctor.ts'
import type { LogLine } from '../logs/line.ts'
import type { RouterFeed } from '../router/feed-client.ts'
import { AutomaticRollback } from '../runtime/automatic-rollback.ts'
import type { Driver } from '../runtime/driver.ts'
import { examineApp } from '../runtime/examine-app.ts'
import { Reconciler } from '../runtime/reconciler.ts'
import type { ServerConfig } from './config.ts'
import { removeDestroyed } from './housekeeping.ts'
import { storeLines } from './log-collector.ts'
import { routerRouting } from './router-routing.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/**
 * Makes what runs be what the ledger says, and watches over releases that are new. Resolves once the feed has the route of
 * every app. Answers the way to compare what runs for an app with what should.
 */
export async function careForApps(
  storage: Storage,
  { config, driver, feed, parts }: { config: ServerConfig; driver: Driver; feed: RouterFeed; parts: Stack },
): Promise<(appId: string) => Promise<Check[]>> {
  const { ledger, logs, store } = storage
  const context = {
    ...{ ledger, driver, clock: Date.now, settings: config.settings, onTrouble: report },
    log: (appId: string, line: Omit<LogLine, 'at'>) => {
      const entry = { appId, line: { ...line, at: Date.now() } }
      storeLines(logs, [entry]).catch(error => report({ doing: 'write log', error }))
    },
  }
  const automatic = new AutomaticRollback(context)
  feed.onTallies = tallies => automatic.tallied(tallies)
  parts.push(() => automatic.close())
  const reconciler = new Reconciler({
    ...context,
    routing: routerRouting(feed, config.appsDomain),
    onGone: appId => void removeDestroyed(storage, appId),
  })
  parts.push(() => reconciler.close())
  await reconciler.start()
  return appId => examineApp(context, appId, digest => store.verify(digest))
}
