import type { PlatformClient } from '../client/platform-client.ts'
import { NotLoggedIn } from './errors.ts'
import type { Output } from './output.ts'
import { findPlatform, type Platform } from './platform.ts'

/** The options of every command that works on one app. */
export interface AppOptions {
  app?: string
  remote?: string
}

/** What one run of the command line works with. */
export class Session {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly output: Output

  constructor(env: NodeJS.ProcessEnv, cwd: string, output: Output) {
    this.env = env
    this.cwd = cwd
    this.output = output
  }

  /** The platform that is meant, and calls on it. Throws {@link NotLoggedIn} when there is no token for it. */
  async platform(): Promise<Platform & { client: PlatformClient; token: string }> {
    const platform = await findPlatform(this.env)
    const { token } = platform
    if (!token) {
      throw new NotLoggedIn(
        `You are not logged in to the platform at ${platform.url}. Log in with: tidemark login --url ${platform.url}`,
      )
    }
    return { ...platform, token, client: await this.connect(platform) }
  }

  /** The app that is meant, on its platform. */
  async app(options: AppOptions): Promise<{ app: string; client: PlatformClient; platform: Platform }> {
    const { client, ...platform } = await this.platform()
    const { chooseApp } = await import('./app-choice.ts')
    return { app: await chooseApp(options, { env: this.env, cwd: this.cwd, platform }), client, platform }
  }

  async connect(platform: Pick<Platform, 'url' | 'token' | 'ca'>): Promise<PlatformClient> {
    const { PlatformClient } = await import('../client/platform-client.ts')
    const said = new Set<string>()
    const onWarning = (text: string) => {
      if (!said.has(text)) this.output.warn(text)
      said.add(text)
    }
    return new PlatformClient({ url: platform.url, token: platform.token, ca: platform.ca, onWarning })
  }
}
