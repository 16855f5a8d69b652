import { BlockList, isIP } from 'node:net'
import type { ConfigVars } from '../core/config-vars.ts'

/** The host of a URL, as whoever connects takes it: PostgreSQL's parameter comes before what stands in the host's place. */
export function hostOf(url: URL): string {
  const host = url.searchParams.get('host') ?? url.hostname
  return decodeURIComponent(host).replace(/^\[|\]$/g, '')
}

const HERE = new BlockList()
HERE.addSubnet('127.0.0.0', 8)
HERE.addAddress('0.0.0.0')
HERE.addAddress('::1', 'ipv6')
HERE.addAddress('::', 'ipv6')

/** A loopback address, a name of one, or the path of a socket: each machine, and each container, has its own. */
export function isOnlyHere(host: string): boolean {
  const version = isIP(host)
  if (version !== 0) return HERE.check(host, version === 6 ? 'ipv6' : 'ipv4')
  return host.startsWith('/') || /^(.*\.)?localhost\.?$/i.test(host)
}

/** What of an app's config leads nowhere for dynos that do not share this machine's loopback, in sentences without values. */
export function unreachable(config: ConfigVars): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const host = URL.canParse(value) ? hostnameIn(value) : ''
    if (host === '' || !isOnlyHere(host)) return []
    return [
      `${name} names ${host}, which inside of a container is the container itself: what listens on this machine is not reached so. An add-on from before the platform ran containers is to be created anew.`,
    ]
  })
}

/** Empty where there is none, or what stands there is no encoding of one. */
function hostnameIn(value: string): string {
  try {
    return hostOf(new URL(value))
  } catch {
    return ''
  }
}
