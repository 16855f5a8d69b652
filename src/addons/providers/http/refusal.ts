import { ProviderRefusal, ProviderUnavailable } from '../../provider.ts'
import type { Answer } from './caller.ts'
import { messageOf } from './message.ts'
import type { Partner } from './partner.ts'

/** What an answer means that is not the one hoped for. */
export function refusalOf(partner: Partner, answer: Answer): ProviderRefusal | ProviderUnavailable {
  const { status } = answer
  const said = saidIn(partner, answer)
  const sentence = `${partner.manifest.id} ${reasonOf(status, said)}`
  const mayHelpLater = status >= 500 || status === 408 || status === 429
  return mayHelpLater ? new ProviderUnavailable(sentence) : new ProviderRefusal(sentence)
}

function reasonOf(status: number, said: string | null): string {
  if (said !== null && (status === 422 || status === 503)) return `says: ${said}`
  const because = said === null ? '' : ` It says: ${said}`
  if (status >= 500) return `has trouble of its own (${status}). Try again in a while.${because}`
  if (status === 408 || status === 429)
    return `has too much to do (${status}). Try again in a while.${because}`
  if (status === 401 || status === 403) {
    return `does not take our credentials (${status}). The id and api.password of its manifest must be those it expects.${because}`
  }
  if (status === 404) {
    return `does not know what it was asked for (404). Either the add-on is gone there, or the base_url of its manifest is wrong.${because}`
  }
  if (status === 410) return `says that this add-on is gone (410).${because}`
  if (status === 422) return 'says no, and gives no reason (422).'
  if (status >= 400) return `refuses what it was asked for (${status}).${because}`
  if (status >= 300) {
    return `answered with a redirect (${status}), which is not followed. The base_url of its manifest must be the final address.`
  }
  return `answered ${status}, where 200, 201 or 202 was expected.`
}

function saidIn(partner: Partner, { body }: Answer): string | null {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(body ?? new Uint8Array()))
    return messageOf(partner, Object(fields))
  } catch {
    return null
  }
}
