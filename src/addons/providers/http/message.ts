import type { Partner } from './partner.ts'

const MAX_MESSAGE = 1000

/**
 * What the provider has to say to the person who asked; null when it says nothing. It is somebody else's text: nothing in
 * it moves a terminal's cursor, and a secret of ours that it repeats is not passed on.
 */
export function messageOf(
  { manifest }: Partner,
  { message }: Readonly<Record<string, unknown>>,
): string | null {
  if (typeof message !== 'string') return null
  let text = message.replace(/(?!\n)\p{Cc}/gu, ' ').trim()
  for (const secret of [manifest.password, manifest.ssoSalt]) {
    if (secret) text = text.replaceAll(secret.reveal(), String(secret))
  }
  return text === '' ? null : text.slice(0, MAX_MESSAGE)
}
