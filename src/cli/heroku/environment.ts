import type { Platform } from '../platform.ts'

/** Where the official CLI is pointed at. */
export interface HerokuPlatform extends Pick<Platform, 'git' | 'caFile'> {
  token: string
  /** The platform itself: `https://paas.example.com:5443`. */
  url: string
  /** What the CLI talks to: the platform, or a forwarder to it on this machine. */
  api: string
  /** The app that commands are about which name none. */
  app?: string | undefined
}

/** Whether the official CLI sends a token to this API. Others it would replace by its maker's. */
export function isTrusted(url: string): boolean {
  return ['localhost', '127.0.0.1'].includes(new URL(url).hostname)
}

/**
 * The environment in which the official CLI talks to this platform alone. Every host it knows by itself is replaced,
 * because it would get the token as well.
 */
export function herokuEnvironment(env: NodeJS.ProcessEnv, platform: HerokuPlatform): NodeJS.ProcessEnv {
  const { api, app, caFile, token } = platform
  const { HEROKU_HEADERS: _, HEROKU_DEBUG_HEADERS: __, ...inherited } = env
  return {
    ...inherited,
    HEROKU_HOST: api,
    HEROKU_API_KEY: token,
    ...(app !== undefined && { HEROKU_APP: app }),
    HEROKU_GIT_HOST: new URL(platform.git ?? platform.url).host,
    HEROKU_PARTICLEBOARD_URL: api,
    HEROKU_LOGIN_HOST: api,
    HEROKU_DATA_HOST: new URL(api).hostname,
    HEROKU_BUILDPACK_REGISTRY_URL: api,
    HEROKU_EXEC_URL: api,
    HEROKU_ANALYTICS_URL: api,
    HEROKU_SKIP_ANALYTICS: '1',
    DISABLE_TELEMETRY: 'true',
    HEROKU_SKIP_NEW_VERSION_CHECK: 'true',
    HEROKU_DISABLE_AUTOUPDATE: '1',
    NO_PROXY: [inherited.NO_PROXY, 'localhost,127.0.0.1'].filter(Boolean).join(','),
    ...(caFile && { NODE_EXTRA_CA_CERTS: caFile, GIT_SSL_CAINFO: caFile }),
  }
}
