import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Resource } from '../../src/addons/provider.ts'

const SERVER = fileURLToPath(new URL('../fixtures/partner/server.mjs', import.meta.url))
const START_TIMEOUT = 60_000
const ID = 'partner-store'
const PREFIX = 'PARTNER_STORE'

/** A request of the platform as the partner saw it. */
export interface PartnerRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: string
}

interface PartnerManifest {
  id: string
  name: string
  api: {
    config_vars_prefix: string
    config_vars: readonly string[]
    password: string
    sso_salt: string
    regions: readonly string[]
    requires: readonly string[]
    production: { base_url: string; sso_url: string }
    version: string
  }
  plans: readonly { name: string }[]
}

export interface TestPartner extends AsyncDisposable {
  url: string
  /** As its owner would hand it in. */
  manifest: PartnerManifest
  /** An action of `test/fixtures/partner/control.mjs`. */
  control<T = { status: number; body: unknown }>(
    action: string,
    order?: Readonly<Record<string, unknown>>,
  ): Promise<T>
  /** What the platform asked so far about `resource`, or about anything. */
  requests(resource?: Resource): Promise<PartnerRequest[]>
}

/** Starts somebody's add-on service as a process of its own. */
export async function startPartner(): Promise<TestPartner> {
  const [password, salt] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')]
  const child = spawn(process.execPath, [SERVER], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PARTNER_ID: ID, PARTNER_PASSWORD: password, PARTNER_SSO_SALT: salt, PARTNER_PREFIX: PREFIX },
  })
  const exited = once(child, 'exit')
  const signal = AbortSignal.timeout(START_TIMEOUT)
  const [line] = (await once(createInterface(child.stdout), 'line', { signal })) as [string]
  const { url, control: desk } = JSON.parse(line) as { url: string; control: string }

  const control: TestPartner['control'] = async (action, order = {}) => {
    const response = await fetch(desk, { method: 'POST', body: JSON.stringify({ action, ...order }) })
    const answer = (await response.json()) as { message?: string }
    if (!response.ok) throw new Error(answer.message)
    return answer as never
  }
  return {
    url,
    manifest: manifestOf(url, password, salt),
    control,
    async requests(resource) {
      const { requests } = await control<{ requests: PartnerRequest[] }>('list')
      if (!resource) return requests
      return requests.filter(
        ({ path, body }) => path.endsWith(`/${resource.providerId}`) || body.includes(resource.id),
      )
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function manifestOf(url: string, password: string, salt: string): PartnerManifest {
  const good = ['test', 'large', 'async', 'lingering']
  const bad = [
    'refused',
    'unavailable',
    'broken',
    'garbage',
    'redirect',
    'huge',
    'undeclared',
    'silent',
    'drops',
  ]
  return {
    id: ID,
    name: 'Partner Store',
    api: {
      config_vars_prefix: PREFIX,
      config_vars: [`${PREFIX}_URL`, `${PREFIX}_PLAN`],
      password,
      sso_salt: salt,
      regions: ['us', 'eu'],
      requires: ['many_per_app', 'attachable'],
      production: { base_url: `${url}/heroku/resources`, sso_url: `${url}/sso/login` },
      version: '3',
    },
    plans: [...good, ...bad].map(name => ({ name })),
  }
}
