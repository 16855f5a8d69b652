import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, type TestPlatform } from './platform.ts'

export interface CommandResult {
  status: number
  stdout: string
  stderr: string
}

/** Runs a program to its end; a bad status is an answer, not an error. */
export function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; environment?: Readonly<Record<string, string>>; timeout?: number } = {},
): Promise<CommandResult> {
  return new Promise(resolve => {
    const env = { ...process.env, ...options.environment }
    const limits = { timeout: options.timeout ?? 120_000, maxBuffer: 64 * 1024 * 1024 }
    execFile(file, [...args], { cwd: options.cwd, env, ...limits }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ status, stdout, stderr })
    })
  })
}

/** A git repository made of a fixture app, pushing to one app of a platform. */
export class TestRepository implements AsyncDisposable {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  static async of(fixture: string): Promise<TestRepository> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-repo-'))
    await cp(join(ROOT, 'test', 'fixtures', 'apps', fixture), directory, { recursive: true })
    const repository = new TestRepository(directory)
    await repository.git('init', '--quiet', '--initial-branch=main')
    await repository.commit('First commit')
    return repository
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.directory, file), text)
  }

  async commit(message: string): Promise<string> {
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--allow-empty', '--message', message)
    return (await this.git('rev-parse', 'HEAD')).stdout.trim()
  }

  git(...args: string[]): Promise<CommandResult> {
    const identity = ['-c', 'user.name=Jim', '-c', 'user.email=jim@example.com']
    return run('git', [...identity, ...args], {
      cwd: this.directory,
      environment: { GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    })
  }

  /** Pushes to an app over plain HTTP, the token in the URL. */
  push(platform: TestPlatform, app: string, ...refspecs: string[]): Promise<CommandResult> {
    return this.git('push', this.url(platform, app), ...(refspecs.length > 0 ? refspecs : ['main']))
  }

  /** The app's remote, with a token in it: the platform owner's, unless another is given. */
  url(platform: TestPlatform, app: string, token: string = platform.token): string {
    const url = new URL(`${platform.endpoints.api}/${app}.git`)
    url.username = 'git'
    url.password = token
    return url.href
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }
}
