export type PartnerAddress = { ok: true; url: URL } | { ok: false; reason: string }

/**
 * Reads the address of a provider: https, since credentials travel to it; http only to this very machine, where a
 * self-hosted platform may have a provider of its own. The reason goes on after the name of a field.
 */
export function parsePartnerAddress(text: string): PartnerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const refuse = (reason: string): PartnerAddress => ({ ok: false, reason })
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return refuse('must be an https address, like https://example.com/heroku/resources.')
  }
  if (url.username !== '' || url.password !== '') {
    return refuse(
      'must have no user name and password in it: the id and api.password are what it is asked with.',
    )
  }
  if (url.hash !== '') return refuse('must have no # part.')
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return refuse(
      `must begin with https://: over http, anyone on the way to ${url.hostname} could read credentials. Only an address of this machine, like http://localhost:5000, may use http.`,
    )
  }
  return { ok: true, url }
}

/** `URL` has written every form of an IPv4 address as four decimal numbers already. */
function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  )
}
