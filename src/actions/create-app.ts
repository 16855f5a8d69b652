import type { Actor } from '../core/account.ts'
import { type App, DEFAULT_STACK, haiku, nameFault } from '../core/app.ts'
import { invalid } from '../core/errors.ts'
import { nextRelease } from '../core/release.ts'
import type { Ledger, Writer } from '../ledger/ledger.ts'

/** How many names are made up before giving up; each has a chance of about one in nine million to be taken. */
const NAME_TRIES = 20

/** Makes an app with its first release, v1, on one of the platform's stacks. Throws when the name is invalid or taken. */
export async function createApp(
  ledger: Ledger,
  by: Actor,
  options: { name?: string; stack?: string; random: (below: number) => number },
): Promise<App> {
  const fault = options.name === undefined ? undefined : nameFault(options.name)
  if (fault) throw invalid(fault)
  return ledger.transactPlatform(async tx => {
    const name = options.name ?? (await freeName(tx, options.random))
    if (await tx.apps.byName(name)) throw invalid(`Name ${name} is already taken. Choose another one.`)
    const app = await tx.apps.insert({ name, ownerId: by.id, stack: options.stack ?? DEFAULT_STACK })
    tx.emit(app.id, 'app:create', { id: app.id, name, user: by.email })
    await appendFirst(tx, app, by)
    return { ...app, lastVersion: 1, releasedAt: tx.now }
  })
}

async function freeName(tx: Writer, random: (below: number) => number): Promise<string> {
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    const name = haiku(random)
    if (!(await tx.apps.byName(name))) return name
  }
  throw invalid('No free name was found by chance. Give the app a name.')
}

async function appendFirst(tx: Writer, app: App, by: Actor): Promise<void> {
  const draft = nextRelease(undefined, { kind: 'initial' })
  const id = await tx.releases.insert({
    appId: app.id,
    version: 1,
    kind: draft.kind,
    description: draft.description,
    artifactId: null,
    configId: await tx.configs.save(app.id, draft.config),
    attachments: [],
    accountId: by.id,
    requestId: null,
    waitingChange: null,
  })
  await tx.releases.succeed(app.id, id)
  await tx.apps.update(app.id, { lastVersion: 1, releasedAt: tx.now })
  tx.emit(app.id, 'release:create', { id, version: 1, description: draft.description, user: by.email })
}
