import assert from 'node:assert/strict'
import { type Answer, call, type TestApp } from './app.ts'
import { eventually } from './eventually.ts'
import type { TestPartner } from './partner.ts'
import type { TestPlatform } from './platform.ts'

/** What tests look at of an add-on. */
export interface AddonBody {
  id: string
  name: string
  state: string
  reason: string | null
  next_attempt_at: string | null
  provision_message: string | null
  config_vars: string[]
  plan: { name: string }
  web_url: string
}

/** A resource as a partner remembers it. */
interface PartnerResource {
  uuid: string
  plan: string
  isGone: boolean
}

/** Registers a partner as the owner of the platform, and gives it what it exchanges grants with. */
export async function register(platform: TestPlatform, partner: TestPartner): Promise<void> {
  const made = await call(platform, { method: 'POST', path: '/addon-services', body: partner.manifest })
  assert.equal(made.status, 201)
  const { client_secret } = made.body
  await partner.control('platform', { token_url: `${platform.endpoints.api}/oauth/token`, client_secret })
}

/** Asks for an add-on. */
export function ask(
  app: TestApp,
  plan: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return app.call('POST', '/addons', { plan, ...more })
}

/** An add-on that was asked for and is accepted. */
export async function create(...[app, plan, more]: Parameters<typeof ask>): Promise<AddonBody> {
  const made = await ask(app, plan, more)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body
}

/** Waits until an add-on of the app is in that state; answers it as it is then. */
export function turns(app: TestApp, { name }: Pick<AddonBody, 'name'>, state: string): Promise<AddonBody> {
  return eventually(`${name} ${state}`, async () => {
    const { body } = await app.call('GET', `/addons/${name}`)
    return body.state === state ? body : undefined
  })
}

/** Waits until an add-on is gone from where add-ons are listed, also from those still to be taken away. */
export async function goes({ platform }: TestApp, { name }: Pick<AddonBody, 'name'>): Promise<void> {
  await eventually(`${name} is gone`, async () => {
    const lists = await Promise.all(['/addons', '/addon-orphans'].map(path => call(platform, { path })))
    return lists.every(({ body }) => !names(body).includes(name)) || undefined
  })
}

export function names(bodies: readonly { name: string }[]): string[] {
  return bodies.map(({ name }) => name)
}

/** `Attach DATABASE (@ref:store) by owner@localhost`, oldest first, without the first release. */
export async function changes(app: TestApp): Promise<string[]> {
  return (await app.releases()).slice(1).map(({ description, user }) => `${description} by ${user.email}`)
}

export async function configOf(app: TestApp): Promise<Record<string, string>> {
  return (await app.call('GET', '/config-vars')).body
}

/** What a partner has of an add-on; undefined when it never heard of it. */
export async function heldBy(
  partner: TestPartner,
  { id }: Pick<AddonBody, 'id'>,
): Promise<PartnerResource | undefined> {
  const { resources } = await partner.control<{ resources: PartnerResource[] }>('list')
  return resources.find(({ uuid }) => uuid === id)
}
