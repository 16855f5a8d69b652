import { hostOf, isOnlyHere } from '../runtime/loopback.ts'
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
