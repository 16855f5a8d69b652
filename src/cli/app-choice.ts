import { UsageError } from './errors.ts'
import { remotes } from './git.ts'
import type { Platform } from './platform.ts'
import type { AppOptions } from './session.ts'

const DEFAULT_REMOTE = 'tidemark'

interface Surroundings {
  env: NodeJS.ProcessEnv
  cwd: string
  platform: Pick<Platform, 'url' | 'git'>
}

/** Which app is meant: `--app`, TIDEMARK_APP, the remote named, the remote `tidemark`, the only remote there is. */
export async function chooseApp(options: AppOptions, { env, cwd, platform }: Surroundings): Promise<string> {
  if (options.app !== undefined) return options.app
  if (options.remote === undefined && env.TIDEMARK_APP) return env.TIDEMARK_APP
  const apps = appsByRemote(await remotes(cwd), platform)
  const remote = options.remote ?? DEFAULT_REMOTE
  const app = apps.get(remote)
  if (app !== undefined) return app
  if (options.remote !== undefined) {
    throw new UsageError(
      `There is no git remote ${remote} here that points at an app on ${platform.url}. Name the app with --app.`,
    )
  }
  const [only, ...more] = new Set(apps.values())
  if (only === undefined) {
    throw new UsageError(
      'Which app? Name it with --app NAME, or in TIDEMARK_APP, or add a git remote: tidemark git:remote --app NAME',
    )
  }
  if (more.length > 0) {
    throw new UsageError(
      `Which app? The git remotes here name several: ${[only, ...more].join(', ')}. Name one with --app.`,
    )
  }
  return only
}

/** The apps that remotes of this platform name, by the remote's name. */
export function appsByRemote(
  urls: ReadonlyMap<string, string>,
  platform: Pick<Platform, 'url' | 'git'>,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const [remote, text] of urls) {
    const url = URL.parse(text)
    const app = url && /^\/([a-z][a-z0-9-]*)\.git\/?$/.exec(url.pathname)?.[1]
    if (app && pointsAt(url, platform)) found.set(remote, app)
  }
  return found
}

/** Where the git origin is not known, the host of the API tells. */
function pointsAt(url: URL, platform: Pick<Platform, 'url' | 'git'>): boolean {
  if (!/^https?:$/.test(url.protocol)) return false
  return platform.git
    ? url.origin === platform.git || url.origin === platform.url
    : url.hostname === new URL(platform.url).hostname
}
