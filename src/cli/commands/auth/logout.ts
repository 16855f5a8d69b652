import type { Command } from 'commander'
import { ApiError } from '../../../client/api-error.ts'
import type { PlatformClient } from '../../../client/platform-client.ts'
import { readCredentials, writeCredentials } from '../../credentials.ts'
import { findPlatform } from '../../platform.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command.action(async () => {
    const { url, ca } = await findPlatform(session.env)
    const credentials = await readCredentials(session.env)
    const login = credentials.logins[url]
    if (!login) return session.output.note(`There is no login to ${url}; nothing to do.`)
    await revoke(await session.connect({ url, ca, token: login.token }))
    const { [url]: _, ...logins } = credentials.logins
    const others = credentials.url === url ? { logins } : { ...credentials, logins }
    await writeCredentials(session.env, others)
    session.output.note(`Logged out of ${url}.`)
  })
}

/** A token that the platform no longer takes is as good as revoked. */
async function revoke(client: PlatformClient): Promise<void> {
  try {
    await client.authorizations.revoke((await client.authorizations.current()).id)
  } catch (error) {
    if (!(error instanceof ApiError && (error.status === 401 || error.status === 404))) throw error
  }
}
