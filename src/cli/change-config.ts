import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'
import { releaseOf, succeeded } from './outcome.ts'
import { progress } from './progress.ts'
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
  return progress(session.output, `${doing} and restarting ${app}`, {
    work: async () => {
      const release = await releaseOf(client, app, () => client.config.patch(app, patch))
      return release && wait ? succeeded(client, app, release) : release
    },
    outcome: spoken,
  })
}

function spoken(release: Release | undefined): string {
  if (!release) return 'nothing to change'
  return release.status === 'pending' ? `v${release.version} is rolling out` : `v${release.version}`
}
