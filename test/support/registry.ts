/** The real registry of images of Debian's package docker-registry, from which the engine pulls as from any other. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { eventually } from './eventually.ts'

const PROGRAM = '/usr/bin/docker-registry'

/** Why tests with a real registry cannot run here; false when they can. */
export const withoutRegistry: string | false =
  !existsSync(PROGRAM) && `${PROGRAM} is not there: install docker-registry`

const LISTENING = /msg="listening on (127\.0\.0\.1:\d+)"/

/** A registry of a test's own, on this machine alone, where the engine asks for no certificate. */
export class Registry implements AsyncDisposable {
  /** Its address, with which the names of its images begin. */
  readonly host: string
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(host: string, process: ChildProcess, directory: string) {
    this.host = host
    this.#process = process
    this.#directory = directory
  }

  static async start(): Promise<Registry> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-registry-'))
    const inside = (name: string) => join(directory, name)
    const settings = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: inside('data') } },
      http: { addr: '127.0.0.1:0' },
    }
    // YAML takes JSON.
    await writeFile(inside('config.yml'), JSON.stringify(settings))
    const log = await open(inside('log'), 'a')
    const child = spawn(PROGRAM, ['serve', inside('config.yml')], { stdio: ['ignore', log.fd, log.fd] })
    await log.close()
    try {
      // It says itself which port it was given.
      const said = async () => LISTENING.exec(await readFile(inside('log'), 'utf8'))?.[1]
      return new Registry(await eventually('the registry listens', said), child, directory)
    } catch (error) {
      await ended(child, directory)
      throw error
    }
  }

  /** Puts an image of the engine there. Answers the name by which it can be pulled, and leaves that name in the engine to nobody. */
  async push(engine: Docker, image: string, name: string): Promise<string> {
    const [repo = '', tag = ''] = name.split(':')
    await engine.getImage(image).tag({ repo: `${this.host}/${repo}`, tag })
    const pushed = engine.getImage(`${this.host}/${name}`)
    try {
      // The engine wants to be told who asks, even where anybody may.
      const progress = await pushed.push({ authconfig: { username: '', password: '', serveraddress: '' } })
      await promisify(engine.modem.followProgress.bind(engine.modem))(progress)
    } finally {
      await pushed.remove()
    }
    return `${this.host}/${name}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ended(this.#process, this.#directory)
  }
}

async function ended(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await once(child, 'exit')
  await rm(directory, { recursive: true, force: true })
}
