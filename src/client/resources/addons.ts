import type { Connection } from '../connection.ts'
import type { Addon, AddonService, Attachment, Backup, Plan, Release } from '../shapes.ts'
import { path } from './paths.ts'

export interface AddonDraft {
  /** `service` or `service:plan`. */
  plan: string
  name?: string | undefined
  as?: string | undefined
  confirm?: string | undefined
  config?: Readonly<Record<string, string | boolean>>
  /** Id of the backup it begins with. */
  backup?: string
}

/** Add-ons, and what they can be had of. An add-on is named by its name or id. */
export class Addons {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  all(): Promise<Addon[]> {
    return this.#connection.list('/addons')
  }

  list(app: string): Promise<Addon[]> {
    return this.#connection.list(path('apps', app, 'addons'))
  }

  /** The add-ons a name may mean; with an app also by attachment or service. */
  resolve(addon: string, app?: string): Promise<Addon[]> {
    return this.#connection.call({
      method: 'POST',
      path: '/actions/addons/resolve',
      body: { addon, ...(app !== undefined && { app }) },
    })
  }

  create(app: string, { as, ...draft }: AddonDraft): Promise<Addon> {
    const body = { ...draft, ...(as !== undefined && { attachment: { name: as } }) }
    return this.#connection.call({ method: 'POST', path: path('apps', app, 'addons'), body })
  }

  update(addon: Addon, changes: { plan?: string; name?: string }): Promise<Addon> {
    return this.#connection.call({ method: 'PATCH', path: one(addon), body: changes })
  }

  destroy(addon: Addon, { force }: { force: boolean }): Promise<Addon> {
    return this.#connection.call({ method: 'DELETE', path: one(addon), body: { force } })
  }

  rotate(addon: Addon, { force }: { force: boolean }): Promise<Addon> {
    const body = { force }
    return this.#connection.call({ method: 'POST', path: `${one(addon)}/actions/rotate`, body })
  }

  /** Makes config vars of add-ons what they are today. Answers the newest release, whether made by this or not. */
  reconcile(app: string): Promise<Release> {
    return this.#connection.call({
      method: 'POST',
      path: path('apps', app, 'actions', 'reconcile-addons'),
      body: {},
    })
  }

  attachments(app: string): Promise<Attachment[]> {
    return this.#connection.list(path('apps', app, 'addon-attachments'))
  }

  attachmentsOf(addon: Addon): Promise<Attachment[]> {
    return this.#connection.list(path('addons', addon.id, 'addon-attachments'))
  }

  attach(app: string, draft: { addon: string; name?: string; confirm?: string }): Promise<Attachment> {
    return this.#connection.call({ method: 'POST', path: '/addon-attachments', body: { ...draft, app } })
  }

  detach(attachment: Attachment): Promise<Attachment> {
    return this.#connection.call({ method: 'DELETE', path: path('addon-attachments', attachment.id) })
  }

  services(): Promise<AddonService[]> {
    return this.#connection.list('/addon-services')
  }

  /** Answers the secret with which the service exchanges its grants, this once. */
  register(manifest: unknown): Promise<AddonService & { client_secret: string }> {
    return this.#connection.call({ method: 'POST', path: '/addon-services', body: manifest })
  }

  async unregister(service: string): Promise<void> {
    await this.#connection.call({ method: 'DELETE', path: path('addon-services', service) })
  }

  plans(service: string): Promise<Plan[]> {
    return this.#connection.list(path('addon-services', service, 'plans'))
  }

  backups(): Promise<Backup[]> {
    return this.#connection.list('/addon-backups')
  }

  orphans(): Promise<Addon[]> {
    return this.#connection.list('/addon-orphans')
  }
}

function one({ id, app }: Addon): string {
  return path('apps', app.id, 'addons', id)
}
