import type { AddonService, Plan } from './addon-service.ts'
import { type Fields, fault, fieldsOf, matching, optionalText, text, textsOf } from './manifest-field.ts'
import { parsePartnerAddress } from './partner-address.ts'
import { Secret } from './secret.ts'

/** How somebody's service is reached over the Add-on Partner API, as its manifest says. */
export interface AddonManifest {
  /** The service's name, and its half of the Basic credentials. */
  id: string
  password: Secret
  /** What signs a visitor's way in; null when there is none. */
  ssoSalt: Secret | null
  regions: readonly string[]
  /** Features of the platform that it asks for: `many_per_app`, `attachable`, `log_input`, `syslog_drain`. */
  requires: readonly string[]
  /** Names the path of its resources, without a slash at the end. */
  baseUrl: string
  ssoUrl: string | null
}

const REGIONS: readonly string[] = [
  ...['*', 'us', 'eu', 'dublin', 'frankfurt', 'london', 'montreal', 'mumbai', 'oregon', 'singapore'],
  ...['sydney', 'tokyo', 'virginia'],
]
const DEFAULT_PLAN: Plan = { name: 'test', humanName: 'Test', description: '', cents: 0 }

/** Reads an add-on manifest, parsed JSON. Throws the sentence that names the field at fault; none holds a secret. */
export function parseManifest(json: unknown): { service: AddonService; manifest: AddonManifest } {
  const top = fieldsOf(json, 'the manifest')
  const api = fieldsOf(top.api, 'api')
  const id = matching(top.id, 'id', [
    /^[a-z][a-z0-9-]{0,39}$/,
    'at most 40 lower-case letters, digits and dashes, the first a letter',
  ])
  const name = optionalText(top.name, 'name') ?? id
  const prefix = prefixOf(api, id)
  checkVersion(api.version)
  const requires = textsOf(api.requires ?? [], 'api.requires')
  const manifest = { id, ...secretsOf(api), regions: regionsOf(api.regions), requires, ...addressesOf(api) }
  if (manifest.ssoUrl !== null && manifest.ssoSalt === null) {
    throw fault('api.sso_salt', 'is missing. api.production.sso_url needs it: it signs every visit.')
  }
  return {
    manifest,
    service: {
      name: id,
      aliases: [],
      humanName: name,
      prefix,
      furtherPrefix: prefix,
      configVars: configVarsOf(api.config_vars ?? [], prefix),
      plans: top.plans === undefined ? [DEFAULT_PLAN] : plansOf(top.plans),
      supportsSharing: requires.includes('attachable'),
      planAliases: {},
    },
  }
}

function checkVersion(version: unknown): void {
  if (version === undefined || version === '3' || version === 3) return
  throw fault('api.version', 'must be "3": this platform speaks version 3 of the Add-on Partner API.')
}

function prefixOf(api: Fields, id: string): string {
  const given = api.config_vars_prefix ?? id.toUpperCase().replaceAll('-', '_')
  const prefix = matching(given, 'api.config_vars_prefix', [
    /^[A-Z][A-Z0-9_]{0,39}$/,
    'at most 40 upper-case letters, digits and underscores, the first a letter',
  ])
  if (/^(HEROKU|TIDEMARK)(_|$)/.test(prefix)) {
    throw fault(
      'api.config_vars_prefix',
      `is ${prefix}, but names that begin with HEROKU_ or TIDEMARK_ are the platform's. Choose another prefix.`,
    )
  }
  return prefix
}

function configVarsOf(given: unknown, prefix: string): string[] {
  const names = textsOf(given, 'api.config_vars')
  for (const [index, name] of names.entries()) {
    const field = `api.config_vars[${index}]`
    if (!/^[A-Z][A-Z0-9_]{0,127}$/.test(name)) {
      throw fault(
        field,
        `is ${JSON.stringify(name)}; expected upper-case letters, digits and underscores, like ${prefix}_URL.`,
      )
    }
    if (!name.startsWith(`${prefix}_`) || name.length === prefix.length + 1) {
      throw fault(field, `is ${name}, but must begin with ${prefix}_, the manifest's prefix, and go on.`)
    }
    if (names.indexOf(name) !== index) throw fault(field, `is ${name}, which is there twice.`)
  }
  return names
}

function secretsOf(api: Fields): Pick<AddonManifest, 'password' | 'ssoSalt'> {
  const salt = api.sso_salt
  return {
    password: new Secret(text(api.password, 'api.password')),
    ssoSalt: salt === undefined || salt === null ? null : new Secret(text(salt, 'api.sso_salt')),
  }
}

function regionsOf(given: unknown): string[] {
  const regions = textsOf(given, 'api.regions')
  if (regions.length === 0) {
    throw fault('api.regions', 'is empty. Name at least one region, or "*" for all of them.')
  }
  for (const [index, region] of regions.entries()) {
    if (!REGIONS.includes(region)) {
      throw fault(
        `api.regions[${index}]`,
        `is ${JSON.stringify(region)}, which is no region. Known are ${REGIONS.join(', ')}.`,
      )
    }
  }
  return regions
}

function addressesOf(api: Fields): Pick<AddonManifest, 'baseUrl' | 'ssoUrl'> {
  const given = api.production
  const production = typeof given === 'string' ? { base_url: given } : fieldsOf(given, 'api.production')
  const field = typeof given === 'string' ? 'api.production' : 'api.production.base_url'
  const base = addressOf(production.base_url, field)
  if (base.search !== '') throw fault(field, 'must have no query: ids of resources are added to its path.')
  const path = base.pathname.replace(/\/+$/, '')
  const sso = production.sso_url ?? null
  return {
    baseUrl: `${base.origin}${path === '' ? '/heroku/resources' : path}`,
    ssoUrl: sso === null ? null : addressOf(sso, 'api.production.sso_url').href,
  }
}

function addressOf(given: unknown, field: string): URL {
  const read = parsePartnerAddress(text(given, field))
  if (!read.ok) throw fault(field, read.reason)
  return read.url
}

function plansOf(given: unknown): Plan[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw fault('plans', 'must be a list with at least one plan; leave it out for the one plan "test".')
  }
  const plans = given.map((each, index) => planOf(each, `plans[${index}]`))
  for (const [index, plan] of plans.entries()) {
    if (plans.findIndex(other => other.name === plan.name) !== index) {
      throw fault(`plans[${index}].name`, `is ${plan.name}, which is there twice.`)
    }
  }
  return plans
}

function planOf(given: unknown, field: string): Plan {
  const plan = fieldsOf(given, field)
  const name = matching(plan.name, `${field}.name`, [
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'at most 63 lower-case letters, digits, dots, dashes and underscores',
  ])
  const cents = plan.price_cents ?? 0
  if (typeof cents !== 'number' || !Number.isSafeInteger(cents) || cents < 0) {
    throw fault(`${field}.price_cents`, 'must be a whole number of US cents a month, 0 when it is free.')
  }
  return {
    name,
    humanName: optionalText(plan.human_name, `${field}.human_name`) ?? name,
    description: optionalText(plan.description, `${field}.description`) ?? '',
    cents,
  }
}
