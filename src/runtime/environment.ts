import type { App } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import type { WantedDyno } from '../core/desired.ts'
import type { Release } from '../core/release.ts'
import { shortLabel } from '../core/release-description.ts'
import { isoSeconds } from '../core/time.ts'

/** What a dyno finds in its environment; the driver adds PORT, HOME and PATH. A person's own vars never hide the platform's. */
export function dynoEnvironment(
  dyno: Pick<WantedDyno, 'id' | 'name'>,
  run: {
    app: Pick<App, 'id' | 'name'>
    release: Pick<Release, 'version' | 'createdAt'>
    artifact: Pick<Artifact, 'commit' | 'stack'>
    config: ConfigVars
  },
): Record<string, string> {
  const { app, release, artifact, config } = run
  return {
    ...config,
    DYNO: dyno.name,
    STACK: artifact.stack,
    HEROKU_APP_ID: app.id,
    HEROKU_APP_NAME: app.name,
    HEROKU_DYNO_ID: dyno.id,
    HEROKU_RELEASE_VERSION: `v${release.version}`,
    HEROKU_RELEASE_CREATED_AT: isoSeconds(release.createdAt),
    ...(artifact.commit !== null && {
      HEROKU_SLUG_COMMIT: artifact.commit,
      HEROKU_SLUG_DESCRIPTION: `Deploy ${shortLabel(artifact.commit)}`,
    }),
  }
}
