import { createHash } from 'node:crypto'
import { access, constants, cp, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildpackRef } from '../../core/build.ts'
import { BuildFailure } from '../builder.ts'
import { git } from '../git.ts'

export interface BuildpackSources {
  /** Holds the built-in buildpacks, one directory each. */
  buildpacksDirectory: string
  /** Keeps what was fetched with git. */
  buildpackCache: string
  /** Directories of the platform from below which no buildpack may be taken. */
  privateDirectories: readonly string[]
  /** For git: proxies and certificates. */
  environment: Readonly<Record<string, string>>
}

/** The order in which the built-in buildpacks are tried. */
export const BUILT_IN = ['nodejs', 'static', 'procfile'] as const

/** Names of the field by which people coming from elsewhere know our buildpacks. */
const BUILT_IN_NAME = /^(?:tidemark|heroku|heroku-community)\/([a-z]+)$/

export function builtIn(name: string): BuildpackRef {
  return { url: `tidemark/${name}`, name: `tidemark/${name}` }
}

/** Copies a buildpack to `into`: it may write beside its scripts (`export`). Throws {@link BuildFailure} when there is none. */
export async function copyBuildpack(
  ref: BuildpackRef,
  into: string,
  { sources, signal }: { sources: BuildpackSources; signal: AbortSignal },
): Promise<void> {
  const from = await locate(ref, sources, signal)
  for (const script of ['detect', 'compile']) {
    await access(join(from, 'bin', script), constants.X_OK).catch(() => {
      throw new BuildFailure(
        `${redacted(ref.url)} is not a buildpack: it has no executable bin/${script}. Set another one with buildpacks:set.`,
      )
    })
  }
  await cp(from, into, { recursive: true, verbatimSymlinks: true, filter: path => basename(path) !== '.git' })
}

async function locate(ref: BuildpackRef, sources: BuildpackSources, signal: AbortSignal): Promise<string> {
  const name = BUILT_IN_NAME.exec(ref.url)?.[1]
  if (name !== undefined && BUILT_IN.some(known => known === name))
    return join(sources.buildpacksDirectory, name)
  if (ref.url.startsWith('/')) return localDirectory(ref.url, sources)
  if (/^(https?|git|file):\/\//.test(ref.url)) return fetched(ref.url, sources, signal)
  throw new BuildFailure(
    `Buildpack ${JSON.stringify(redacted(ref.url))} is unknown. Use a built-in one (${BUILT_IN.map(known => `tidemark/${known}`).join(', ')}), a git URL (https://…, with #branch or #tag), or an absolute path.`,
  )
}

async function localDirectory(path: string, { privateDirectories }: BuildpackSources): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined)
    throw new BuildFailure(`Buildpack directory ${path} does not exist on the platform's machine.`)
  for (const directory of privateDirectories) {
    const own = await realpath(directory).catch(() => directory)
    if (real === own || real.startsWith(`${own}/`))
      throw new BuildFailure(
        `Buildpack directory ${path} belongs to the platform. Keep buildpacks elsewhere.`,
      )
  }
  return real
}

/** The checkout of the commit that `url` names today, fetched if it was not before. */
async function fetched(url: string, sources: BuildpackSources, signal: AbortSignal): Promise<string> {
  const { address, ref, environment } = parseGitUrl(url)
  if (address.startsWith('file:')) await localDirectory(fileURLToPath(address), sources)
  const directory = join(
    sources.buildpackCache,
    createHash('sha256').update(address).digest('hex').slice(0, 32),
  )
  await mkdir(directory, { recursive: true })
  const scratch = await mkdtemp(join(directory, 'fetch-'))
  const run = (...args: string[]) =>
    git(args, {
      environment: { ...sources.environment, ...environment, GIT_ALLOW_PROTOCOL: 'https:http:file:git' },
      directory: scratch,
      signal,
    })
  try {
    await run('init', '--quiet', '--template=')
    await run('fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', address, ref)
    const checkout = join(directory, await run('rev-parse', 'FETCH_HEAD'))
    if (await isThere(checkout)) return checkout
    await run('checkout', '--quiet', '--detach', 'FETCH_HEAD')
    await rename(scratch, checkout).catch(async (error: unknown) => {
      if (!(await isThere(checkout))) throw error
    })
    return checkout
  } catch (error) {
    signal.throwIfAborted()
    throw new BuildFailure(
      `Buildpack ${redacted(url)} could not be fetched. ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    )
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Takes a password out of the address: git would show it to everybody in its arguments. It goes by the environment. */
function parseGitUrl(url: string): { address: string; ref: string; environment: Record<string, string> } {
  const [bare = '', ref = ''] = url.split('#', 2)
  const parsed = URL.parse(bare)
  if (!parsed || !/^[A-Za-z0-9._/@-]*$/.test(ref) || ref.startsWith('-')) {
    throw new BuildFailure(
      `Buildpack ${JSON.stringify(redacted(url))} is not a git URL. Expected https://host/path.git, with #branch, #tag or #commit if need be.`,
    )
  }
  const login = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  parsed.username = ''
  parsed.password = ''
  const header = `Authorization: Basic ${Buffer.from(login).toString('base64')}`
  const environment = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: header,
  }
  return {
    address: parsed.href,
    ref: ref === '' ? 'HEAD' : ref,
    environment: login === ':' ? {} : environment,
  }
}

/** A buildpack's address without user and password. */
export function redacted(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, '$1')
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
