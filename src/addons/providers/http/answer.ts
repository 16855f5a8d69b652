import { missingVars, refusalOfVars } from '../../../core/addon-config.ts'
import type { ConfigVars } from '../../../core/config-vars.ts'
import { type PlanChange, ProviderRefusal, type Provisioned } from '../../provider.ts'
import { type Answer, MAX_BODY } from './caller.ts'
import { messageOf } from './message.ts'
import type { Partner } from './partner.ts'

type Fields = Readonly<Record<string, unknown>>

const MAX_ID = 255

/** What a provider answered with 200 or 201 is there; with 202, it goes on by itself. */
export function readProvisioned(partner: Partner, answer: Answer): Provisioned {
  const fields = readFields(partner, answer)
  const found = { providerId: idOf(partner, fields), message: messageOf(partner, fields) }
  if (answer.status === 202) return { state: 'provisioning', ...found }
  const config = configOf(partner, fields) ?? {}
  const missing = missingVars(partner.service, config)
  if (missing.length > 0) {
    throw refusal(
      partner,
      `did not give ${missing.join(', ')}, which its manifest declares. It must give every declared config var.`,
    )
  }
  return { state: 'provisioned', ...found, config }
}

/** The id alone, whatever else is in the answer. */
export function readProviderId(partner: Partner, answer: Answer): string {
  return idOf(partner, readFields(partner, answer))
}

export function readPlanChange(partner: Partner, answer: Answer): PlanChange {
  if (answer.body?.length === 0) return { config: null, message: null }
  const fields = readFields(partner, answer)
  return { config: configOf(partner, fields), message: messageOf(partner, fields) }
}

function readFields(partner: Partner, answer: Answer): Fields {
  if (answer.body === null) {
    throw refusal(partner, `answered with more than ${MAX_BODY} bytes, which is too much to be read.`)
  }
  const json = parseJson(answer.body)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields
  throw refusal(partner, `answered ${answer.status} with something that is no JSON object.`)
}

/** Undefined for what is no JSON, bytes that are no UTF-8 among it: a value must not change on its way. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** It becomes part of an address, and has to come back to the provider as it was. */
function idOf(partner: Partner, { id }: Fields): string {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id)
  if (typeof id === 'number') {
    throw refusal(partner, 'gave an id that is no whole number which JSON can hold. It should be a string.')
  }
  if (typeof id !== 'string' || id === '') {
    throw refusal(partner, 'gave no id for the add-on. Its answer must have an id, a string.')
  }
  if (id.length > MAX_ID || /\p{Cc}/u.test(id) || !id.isWellFormed() || id === '.' || id === '..') {
    throw refusal(
      partner,
      `gave an id that cannot be used: at most ${MAX_ID} characters, none of them a control character, and not . or .. alone.`,
    )
  }
  return id
}

/** Null when there is none in the answer. */
function configOf(partner: Partner, { config = null }: Fields): ConfigVars | null {
  if (config === null) return null
  if (typeof config !== 'object' || Array.isArray(config)) {
    throw refusal(partner, 'gave a config that is no JSON object of names and values.')
  }
  const reason = refusalOfVars(partner.service, config as Fields)
  if (reason !== undefined) throw refusal(partner, reason)
  return config as ConfigVars
}

function refusal(partner: Partner, reason: string): ProviderRefusal {
  return new ProviderRefusal(`${partner.manifest.id} ${reason}`)
}
