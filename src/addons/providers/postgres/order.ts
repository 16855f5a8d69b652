import { ProviderRefusal, type ProvisionOrder } from '../../provider.ts'
import { type PostgresPlan, spokenSize } from './plans.ts'
import type { Session } from './session.ts'

/** Refuses what would have to be heeded and is not: an empty database is no follower or fork of another. */
export function checkOptions({ options }: ProvisionOrder): void {
  const [odd] = Object.keys(options).filter(name => name !== 'version')
  if (odd === undefined) return
  throw new ProviderRefusal(
    `PostgreSQL takes no option --${odd} here; it may be given --version. Leave it out.`,
  )
}

/** What the person who asked is told: of which version the database is, whatever was asked for, and what it may take. */
export async function welcome(session: Session, { size, connections }: PostgresPlan): Promise<string> {
  const [row] = await session.ask<{ version: string }>("select current_setting('server_version') as version")
  const version = row?.version.split(' ')[0]
  return `The database is PostgreSQL ${version}, for ${spokenSize(size)} and ${connections} connections.`
}
