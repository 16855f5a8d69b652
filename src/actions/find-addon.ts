import { type Account, type Permission, permits } from '../core/account.ts'
import type { Addon } from '../core/addon.ts'
import type { App } from '../core/app.ts'
import { attached } from '../core/attachment.ts'
import { notFound, UserError } from '../core/errors.ts'
import { isUuid } from '../core/id.ts'
import type { Ledger } from '../ledger/ledger.ts'

/**
 * Add-ons that `identity` may mean to `account`: by id or name; with an app also by the name of an attachment to it, by
 * service, or by `service:plan`. Those it may not see are not among them. `serviceName` turns an alias into a name.
 */
export async function resolveAddons(
  ledger: Ledger,
  account: Account,
  {
    identity,
    app,
    serviceName,
  }: { identity: string; app?: App | undefined; serviceName: (name: string) => string },
): Promise<Addon[]> {
  const [appName, bare] = identity.includes('::') ? identity.split('::', 2) : [undefined, identity]
  const named = await byIdOrName(ledger, bare ?? '')
  const within = app ?? (appName === undefined ? undefined : await ledger.read.apps.byName(appName))
  const found = named ? [named] : within ? await inApp(ledger, within, { name: bare ?? '', serviceName }) : []
  const visible = await Promise.all(found.map(addon => canSee(ledger, account, addon)))
  return found.filter((_, index) => visible[index])
}

/**
 * The one add-on that is meant, if `account` may do that with it. Throws `not_found`, the same for one that is not there
 * and one it may not see, `forbidden`, and `multiple_matches`.
 */
export async function findAddon(
  ledger: Ledger,
  account: Account,
  query: {
    identity: string
    app?: App | undefined
    permission: Permission
    serviceName: (name: string) => string
  },
): Promise<Addon> {
  const found = await resolveAddons(ledger, account, query)
  const [addon] = found
  if (!addon) throw notFound('add_on')
  if (found.length > 1)
    throw new UserError(
      'multiple_matches',
      `Ambiguous identifier; multiple matching add-ons found: ${found.map(({ name }) => name).join(', ')}.`,
    )
  const owner = await ledger.read.apps.byId(addon.appId)
  if (query.permission === 'view' || (owner && (await may(ledger, account, owner, query.permission))))
    return addon
  throw new UserError(
    'forbidden',
    `${addon.name} belongs to an app you do not work on: only those who do can do this.`,
  )
}

async function byIdOrName(ledger: Ledger, identity: string): Promise<Addon | undefined> {
  const { addons } = ledger.read
  return isUuid(identity) ? addons.byId(identity) : addons.byName(identity)
}

async function inApp(
  ledger: Ledger,
  app: App,
  { name, serviceName }: { name: string; serviceName: (name: string) => string },
): Promise<Addon[]> {
  const { read } = ledger
  const head = await read.releases.head(app.id)
  const links = head ? attached(head) : []
  const link = links.find(each => each.name === name)
  const linked = await read.addons.byIds([...new Set(links.map(({ addon }) => addon.id))])
  if (link) return linked.filter(({ id }) => id === link.addon.id)
  const own = await read.addons.ofApp(app.id)
  const [service, plan] = name.split(':', 2)
  const all = [...own, ...linked.filter(({ id }) => !own.some(other => other.id === id))]
  return all.filter(
    addon => addon.service === serviceName(service ?? '') && (plan === undefined || addon.plan === plan),
  )
}

/** Whoever works on the app it belongs to, or on one it is attached to. */
async function canSee(ledger: Ledger, account: Account, addon: Addon): Promise<boolean> {
  if (account.isOwner) return true
  const appIds = new Set([addon.appId, ...(await ledger.read.attachments.apps(addon.id))])
  for (const id of appIds) {
    const app = await ledger.read.apps.byId(id)
    if (!app || !(await may(ledger, account, app, 'view'))) continue
    const head = id === addon.appId ? undefined : await ledger.read.releases.head(id)
    if (id === addon.appId || (head && attached(head).some(link => link.addon.id === addon.id))) return true
  }
  return false
}

async function may(ledger: Ledger, account: Account, app: App, permission: Permission): Promise<boolean> {
  if (account.isOwner || app.ownerId === account.id) return true
  return permits('collaborator', permission) && (await ledger.read.collaborators.includes(app.id, account.id))
}
