import type { Actor } from '../core/account.ts'
import { type App, type AppSettings, nameFault } from '../core/app.ts'
import { invalid } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { checkSeen, type SeenStates } from './precondition.ts'

export interface AppUpdate {
  name?: string
  maintenance?: boolean
  /** One of the platform's stacks. */
  buildStack?: string
  /** Merged into what is set; null takes the platform's default again. */
  settings?: { [name in keyof AppSettings]?: number | null }
  /** Revisions of the app. */
  seen?: SeenStates
}

/** Changes what is not part of a release: name, maintenance mode, the stack of later builds, time limits. */
export async function updateApp(ledger: Ledger, by: Actor, appId: string, update: AppUpdate): Promise<App> {
  const fault = update.name === undefined ? undefined : nameFault(update.name)
  if (fault) throw invalid(fault)
  const { buildStack } = update
  return ledger.transact(appId, async tx => {
    // Taking the lock has counted this change already.
    checkSeen(update.seen, String(tx.app.revision - 1))
    if (update.name !== undefined && update.name !== tx.app.name && (await tx.apps.byName(update.name))) {
      throw invalid(`Name ${update.name} is already taken. Choose another one.`)
    }
    const settings = update.settings && mergeSettings(tx.app.settings, update.settings)
    await tx.apps.update(appId, {
      ...(update.name !== undefined && { name: update.name }),
      ...(update.maintenance !== undefined && { maintenance: update.maintenance }),
      ...(buildStack !== undefined && { buildStack }),
      ...(settings && { settings }),
    })
    const after = await tx.apps.byId(appId)
    if (!after) throw new Error(`App ${appId} vanished while it was locked.`)
    tx.emit(appId, 'app:update', {
      id: appId,
      name: after.name,
      maintenance: after.maintenance,
      user: by.email,
    })
    return after
  })
}

function mergeSettings(now: AppSettings, update: NonNullable<AppUpdate['settings']>): AppSettings {
  const merged = Object.entries({ ...now, ...update }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  return Object.fromEntries(merged) as AppSettings
}
