import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'
import { makeRelease } from './make-release.ts'
import { releaseOf } from './outcome.ts'
import type { Session } from './session.ts'

export interface ConfigChange {
  client: PlatformClient
  app: string
  patch: Readonly<Record<string, string | null>>
  /** `Setting A, B` */
  doing: string
  wait: boolean
}

/** Changes config vars in one release and says how it went; undefined when nothing was to change. */
export async function changeConfig(session: Session, change: ConfigChange): Promise<Release | undefined> {
  const { client, app, patch, doing, wait } = change
  return makeRelease(session.output, {
    ...{ client, app, wait },
    doing: `${doing} and restarting ${app}`,
    make: () => releaseOf(client, app, () => client.config.patch(app, patch)),
  })
}
