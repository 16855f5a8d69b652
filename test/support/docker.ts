/** The real engine of this machine, and an image for tests that is made of this machine's own programs: nothing is pulled. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { MadeImages } from '../../src/build/builders/dockerfile/made-images.ts'
import { ask, connectEngine, PLATFORM_LABEL, statusOf } from '../../src/docker/engine.ts'
import { imagesKey, platformLabel } from '../../src/server/dyno-driver.ts'
import { derivedKey, keyFile } from '../../src/server/keys.ts'
import { processesOf } from './chaos/processes.ts'
import { eventually } from './eventually.ts'
import { isInOwnNetwork } from './own-network.ts'

/** The image that stands for a stack in tests. */
export const STACK_IMAGE = 'tidemark-test/stack:1'

/** Settings of a platform whose dynos are containers of this machine's engine, once it has the stack. */
export const ON_DOCKER = { TIDEMARK_RUNTIME: 'docker', TIDEMARK_STACK_IMAGE: STACK_IMAGE }

const PROGRAMS =
  'bash sh env cat cp ls echo printf seq head tail tr wc sort sleep mkdir mv rm ln touch chmod chown id true false date ' +
  'kill setsid ps grep sed find xargs tar gzip dd stat tee pwd test basename dirname uname whoami hostname curl awk'
const ETC = {
  passwd: 'root:x:0:0:root:/root:/bin/bash\n',
  group: 'root:x:0:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
}

/** The engine of this machine, or the sentence why tests cannot use one. */
export async function testEngine(): Promise<{ engine: Docker; skip?: never } | { skip: string }> {
  try {
    return { engine: await connectEngine({}) }
  } catch (error) {
    return { skip: (error as Error).message }
  }
}

/** Makes the image {@link STACK_IMAGE} when the engine does not have it: bash, the usual small programs, and this Node. */
export async function installStack(socket?: string): Promise<Docker> {
  const engine = await connectEngine(socket === undefined ? {} : { socket })
  try {
    await ask('look for the stack of tests', engine.getImage(STACK_IMAGE).inspect())
  } catch (error) {
    if (statusOf(error) !== 404) throw error
    await makeStack(engine)
  }
  return engine
}

/** No bridge, no firewall rules, and no way out. */
const UNREACHABLE = ['--bridge=none', '--iptables=false', '--host-gateway-ip=127.0.0.1']

/** An engine of a test's own, which may be stopped and started again. */
export class OwnEngine {
  readonly socket: string
  readonly #directory: string
  #process: ChildProcess | undefined

  private constructor(directory: string) {
    this.#directory = directory
    this.socket = join(directory, 'docker.sock')
  }

  static async start(): Promise<OwnEngine> {
    const engine = new OwnEngine(await mkdtemp(join(tmpdir(), 'tidemark-engine-')))
    try {
      await engine.start()
      return engine
    } catch (error) {
      await engine.close()
      throw error
    }
  }

  /** Resolves when it answers. Nobody reaches what runs in it, but for a program that is in a network of its own, too. */
  async start(): Promise<void> {
    const inside = (name: string) => join(this.#directory, name)
    const log = await open(inside('log'), 'a')
    const places = ['--data-root', inside('data'), '--exec-root', inside('exec'), '--pidfile', inside('pid')]
    const names = ['--containerd-namespace', `tidemark-${process.pid}`]
    const engine = ['dockerd', '--host', `unix://${this.socket}`, ...places, ...names]
    // Never in the machine's network: an engine there takes the bridge of the engine next to it for its own.
    const [file = '', ...args] = isInOwnNetwork ? engine : ['unshare', '--net', ...engine, ...UNREACHABLE]
    this.#process = spawn(file, args, { stdio: ['ignore', log.fd, log.fd] })
    await log.close()
    await eventually('the engine of the test answers', () => connectEngine({ socket: this.socket }), 60_000)
  }

  /** It stands still, as on a machine that hangs: its socket is there, and answers nobody. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Resolves when it, and what ran in it, is gone. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  async close(): Promise<void> {
    await this.stop()
    // An engine that ends while it starts a container leaves behind what holds that.
    for (const { pid } of processesOf(this.#directory)) process.kill(pid, 'SIGKILL')
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function makeStack(engine: Docker): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-stack-'))
  try {
    await fill(root)
    const tar = spawn('tar', ['-C', root, '--owner=0', '--group=0', '--numeric-owner', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [repo, tag] = STACK_IMAGE.split(':')
    const changes = ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
    const progress = await ask('import', engine.importImage(tar.stdout as never, { repo, tag, changes }))
    await promisify(engine.modem.followProgress.bind(engine.modem))(progress)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function fill(root: string): Promise<void> {
  for (const path of ['usr/bin', 'usr/local/bin', 'etc', 'root', 'tmp', 'proc', 'sys', 'dev'])
    await mkdir(join(root, path), { recursive: true })
  await chmod(join(root, 'tmp'), 0o1777)
  await symlink('usr/bin', join(root, 'bin'))
  for (const [name, text] of Object.entries(ETC)) await writeFile(join(root, 'etc', name), text)
  const programs = (await Promise.all(PROGRAMS.split(' ').map(whereIs))).filter(path => path !== undefined)
  for (const path of programs) await copyFile(path, join(root, 'usr/bin', path.split('/').at(-1) ?? ''))
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'))
  // For tests of privileges: a shell that would be root's, were that not forbidden.
  await copyFile(join(root, 'usr/bin/bash'), join(root, 'usr/local/bin/bash-as-root'))
  await chmod(join(root, 'usr/local/bin/bash-as-root'), 0o4755)
  for (const library of await librariesOf([...programs, process.execPath])) {
    await mkdir(dirname(join(root, library)), { recursive: true })
    await copyFile(library, join(root, library))
  }
}

async function whereIs(program: string): Promise<string | undefined> {
  for (const directory of ['/usr/bin', '/bin', '/usr/local/bin']) {
    const head = await readFile(join(directory, program)).then(
      bytes => bytes.subarray(0, 4),
      () => undefined,
    )
    if (head?.toString('latin1') === '\x7fELF') return join(directory, program)
  }
  return undefined
}

/** The shared libraries of programs, the loader among them, by their whole paths. */
async function librariesOf(programs: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)('ldd', [...programs], { maxBuffer: 16 * 1024 * 1024 })
  return new Set([...stdout.matchAll(/(?:=>|^)\s+(\/\S+) \(0x/gm)].map(([, path = '']) => path))
}

/** What everything of a test's platform is labelled with in an engine; also when it has nothing there. */
export async function labelOf(platform: { dataDir: string }): Promise<string> {
  return platformLabel(await keysOf(platform))
}

/** What a test's platform calls the image that an app's latest build made. */
export async function buildTagOf(platform: { dataDir: string }, { id }: { id: string }): Promise<string> {
  const keys = await keysOf(platform)
  const images = new MadeImages({ directory: '', key: imagesKey(keys) })
  return images.tagOf(id)
}

/** Removes what builds of a platform left in an engine. Its directory says what that is, so this comes before that goes. */
export async function removeBuilt(engine: Docker, platform: { dataDir: string }): Promise<void> {
  const directory = join(platform.dataDir, 'images')
  await new MadeImages({ directory, key: imagesKey(await keysOf(platform)) }).sweep(engine, new Set())
}

async function keysOf({
  dataDir,
}: {
  dataDir: string
}): Promise<{ derive: (purpose: string) => Uint8Array }> {
  const key = await keyFile(join(dataDir, 'master.key'))
  return { derive: purpose => derivedKey(key, purpose) }
}

/** Removes everything a platform of a test has in the engine. */
export async function removePlatform(engine: Docker, platform: string): Promise<void> {
  const filters = { label: [`${PLATFORM_LABEL}=${platform}`] }
  for (const { Id } of await engine.listContainers({ all: true, filters }))
    await gone(engine.getContainer(Id).remove({ force: true, v: true }))
  for (const { Id } of await engine.listNetworks({ filters })) await gone(engine.getNetwork(Id).remove())
  for (const { RepoTags } of await engine.listImages({ filters }))
    for (const name of RepoTags ?? [])
      if (name !== '<none>:<none>') await gone(engine.getImage(name).remove())
  for (const { Id } of await engine.listImages({ filters })) await gone(engine.getImage(Id).remove())
}

/** What is gone already is as good as removed. */
async function gone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: Error) => {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error
  })
}
