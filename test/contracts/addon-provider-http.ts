/** A provider over HTTP with a partner of its own, and what the partner is made to answer. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Provider, ProviderRefusal, ProviderUnavailable, Resource } from '../../src/addons/provider.ts'
import type { CallLimits } from '../../src/addons/providers/http/caller.ts'
import { httpProvider } from '../../src/addons/providers/http/provider.ts'
import { parseManifest } from '../../src/core/addon-manifest.ts'
import type { ConfigVars } from '../../src/core/config-vars.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { type ProviderWorld, resourceOf } from './addon-provider.ts'

interface PartnerWorld extends ProviderWorld {
  partner: TestPartner
}

export const REGION = 'amazon-web-services::us-east-1'
export const EXPIRES_AT = '2030-01-01T00:00:00Z'
export const NOTHING = { options: {}, from: null }
export const signal = (): AbortSignal => AbortSignal.timeout(30_000)

export function providerOf(partner: TestPartner, limits: Partial<CallLimits> = {}): Provider {
  return httpProvider({
    ...parseManifest(partner.manifest),
    callbackUrl: id => `https://api.example.com/addons/${id}`,
    oauthGrant: ({ id }) => ({ code: `code-${id}`, type: 'authorization_code', expires_at: EXPIRES_AT }),
    region: REGION,
    limits: { pause: 5, ...limits },
  })
}

export async function world(t: TestContext): Promise<PartnerWorld> {
  const partner = await startPartner()
  t.after(() => partner[Symbol.asyncDispose]())
  return {
    partner,
    provider: providerOf(partner),
    restart: async () => providerOf(partner),
    write: async (config, key, value) => {
      await ask(config, key, { method: 'PUT', body: value })
    },
    read: (config, key) => ask(config, key, {}),
    cutOff: async () => {
      await partner.control('close')
      return async () => void (await partner.control('open'))
    },
  }
}

/** Asks the partner's store with nothing but the config, as an app would. */
async function ask(config: ConfigVars, key: string, request: RequestInit): Promise<string | undefined> {
  const url = new URL(config.PARTNER_STORE_URL ?? '')
  const credentials = Buffer.from(`${url.username}:${url.password}`).toString('base64')
  const response = await fetch(`${url.origin}${url.pathname}/${key}`, {
    ...request,
    headers: { authorization: `Basic ${credentials}` },
  })
  assert.equal(response.status, 200)
  return ((await response.json()) as { value: string | null }).value ?? undefined
}

export const CONFIG = { PARTNER_STORE_URL: 'https://s3cret@example.com', PARTNER_STORE_PLAN: 'test' }

interface Trouble {
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: string
  base64?: string
  drops?: boolean
}

export function json(body: unknown): Trouble {
  return { status: 200, body: JSON.stringify(body) }
}

export function config(changes: Readonly<Record<string, unknown>>): Trouble {
  return json({ id: 1, config: { ...CONFIG, ...changes } })
}

/** What the next requests meet at the partner. */
export async function meet(partner: TestPartner, ...answers: Trouble[]): Promise<void> {
  await partner.control('trouble', { answers })
}

/** Asks for a resource and has it refused, in a sentence that has nothing of any secret in it. */
export async function refused(
  provider: Provider,
  changes: Partial<Resource>,
  kind: typeof ProviderRefusal | typeof ProviderUnavailable,
  sentence: RegExp,
): Promise<void> {
  await assert.rejects(provider.provision(resourceOf(provider, changes), NOTHING, signal()), error => {
    assert.ok(error instanceof kind, String(error))
    assert.match(error.message, sentence)
    assert.doesNotMatch(error.message, /s3cret/)
    return true
  })
}
