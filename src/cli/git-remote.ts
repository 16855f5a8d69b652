import { realpath } from 'node:fs/promises'
import { git, remotes } from './git.ts'
import type { Platform } from './platform.ts'
import { quoted } from './shell-quote.ts'

export interface NewRemote {
  /** The repository. */
  cwd: string
  name: string
  /** As the platform names it: `https://localhost:5443/shop.git` */
  url: string
  env: NodeJS.ProcessEnv
  platform: Pick<Platform, 'url' | 'caFile' | 'dataDirectory'>
}

/**
 * Adds a remote, or changes the one of that name, and lets git find credentials and trust for its host by itself.
 * Answers its URL.
 */
export async function addRemote(remote: NewRemote): Promise<string> {
  const { cwd, name, platform } = remote
  const url = reachable(remote)
  const host = new URL(url).origin
  await git(cwd, 'remote', ...((await remotes(cwd)).has(name) ? ['set-url', name, url] : ['add', name, url]))
  await setOnly(cwd, `credential.${host}.helper`, await helper(host, platform))
  if (host.startsWith('https:') && platform.caFile)
    await setOnly(cwd, `http.${host}.sslCAInfo`, platform.caFile)
  return url
}

/**
 * An authority named in GIT_SSL_CAINFO hides the one that is configured for the remote. On this machine the same
 * repository is there without TLS, where there is nothing to trust.
 */
function reachable({ url, env, platform }: NewRemote): string {
  const api = new URL(platform.url)
  const isHere = api.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(api.hostname)
  if (!(isHere && env.GIT_SSL_CAINFO && platform.caFile)) return url
  return new URL(new URL(url).pathname, api).href
}

/** The empty value first takes away what is configured elsewhere, which would be asked before us. */
async function setOnly(cwd: string, key: string, value: string): Promise<void> {
  if (!key.endsWith('.helper')) return void (await git(cwd, 'config', '--local', '--replace-all', key, value))
  await git(cwd, 'config', '--local', '--replace-all', key, '')
  await git(cwd, 'config', '--local', '--add', key, value)
}

/** The command git runs through the shell; no token is in it. */
async function helper(host: string, platform: NewRemote['platform']): Promise<string> {
  const script = await realpath(process.argv[1] ?? '')
  const directory = platform.dataDirectory ? ['--data-dir', platform.dataDirectory] : []
  const command = [
    process.execPath,
    script,
    'git:credentials',
    '--host',
    host,
    '--platform',
    platform.url,
    ...directory,
  ]
  return `!${command.map(quoted).join(' ')}`
}
