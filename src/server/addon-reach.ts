import { BlockList, isIP } from 'node:net'
import type { ServerConfig } from './config.ts'

interface Kind {
  /** `PostgreSQL` */
  name: string
  variable: string
  adminUrl: string | null
}

/** Why dynos could not reach add-ons of this kind, a sentence for who asks for one; null when they can. */
export function outOfReach(
  { runtime }: Pick<ServerConfig, 'runtime'>,
  { name, variable, adminUrl }: Kind,
): string | null {
  // Processes share the network of the machine.
  if (runtime !== 'docker') return null
  const host = adminUrl === null ? null : hostOf(new URL(adminUrl))
  if (host !== null && !isOnlyHere(host)) return null
  const where =
    host === null
      ? `the platform's own ${name} listens on this machine alone, which they do not reach`
      : `${variable} names ${host}, which is something else inside of them`
  return `There are no ${name} add-ons on this platform yet: its dynos are Docker containers, and ${where}. Its operator has to name a server in ${variable} by an address that containers reach.`
}

/** As whoever connects takes it: PostgreSQL's parameter comes before the host. */
function hostOf(url: URL): string {
  const host = url.searchParams.get('host') ?? url.hostname
  return decodeURIComponent(host).replace(/^\[|\]$/g, '')
}

const HERE = new BlockList()
HERE.addSubnet('127.0.0.0', 8)
HERE.addAddress('0.0.0.0')
HERE.addAddress('::1', 'ipv6')
HERE.addAddress('::', 'ipv6')

/** A loopback address, a name of one, or the path of a socket. */
function isOnlyHere(host: string): boolean {
  const version = isIP(host)
  if (version !== 0) return HERE.check(host, version === 6 ? 'ipv6' : 'ipv4')
  return host.startsWith('/') || /^(.*\.)?localhost\.?$/i.test(host)
}
