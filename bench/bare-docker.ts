/** The code of a release run by Docker alone: as a container, and as a service of a Swarm. */
import { Agent } from 'node:http'
import type Docker from 'dockerode'
import type { ServiceSpec } from 'dockerode'
import { answerOf, freePort, until } from './deployed-app.ts'
import { timed } from './side-by-side.ts'

const PORT = 5000
const DIRECTORY = '/app'
/**
 * Between two questions. An app that still answers is kept busy by them, and so is the router: asked every 5 ms, they
 * took a fifth of the time of a rollback from the engine, which starts a container meanwhile.
 */
export const PAUSE = 20

/** What is to run: a program in an image, which listens on the port it is told. */
export interface Code {
  image: string
  command: readonly string[]
}

/** Milliseconds from asking for a container, as `docker run -p` does, to the first answer of the program in it. */
export async function dockerRun(
  engine: Docker,
  { image, command }: Code,
  network = 'bridge',
): Promise<number> {
  const port = await freePort()
  const agent = new Agent({ keepAlive: true })
  let container: Docker.Container | undefined
  try {
    return await timed(async () => {
      container = await engine.createContainer({
        Image: image,
        Entrypoint: [...command.slice(0, 1)],
        Cmd: command.slice(1),
        Env: [`PORT=${PORT}`],
        WorkingDir: DIRECTORY,
        ExposedPorts: { [`${PORT}/tcp`]: {} },
        HostConfig: {
          NetworkMode: network,
          PortBindings: { [`${PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
        },
      })
      await container.start()
      await until(async () => (await answerOf(port, agent)) !== undefined, PAUSE)
    })
  } finally {
    agent.destroy()
    await container?.remove({ force: true })
  }
}

/** A service of one replica, whose two versions tell which they are. A rollback of it goes from one to the other. */
export class SwarmService implements AsyncDisposable {
  readonly #engine: Docker
  readonly #agent = new Agent({ keepAlive: true })
  readonly #port: number
  readonly #id: string

  private constructor(engine: Docker, { id, port }: { id: string; port: number }) {
    this.#engine = engine
    this.#id = id
    this.#port = port
  }

  /** In an engine of one's own: it becomes a swarm. */
  static async start(engine: Docker, code: Code): Promise<SwarmService> {
    await engine.swarmInit({ ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1:2377' })
    const port = await freePort()
    const { id } = await engine.createService(serviceSpec(code, { version: '1', port }))
    const service = new SwarmService(engine, { id, port })
    await service.#answers('1')
    const { Version } = await engine.getService(id).inspect()
    await engine
      .getService(id)
      .update({ version: Version.Index, ...serviceSpec(code, { version: '2', port }) })
    await service.#answers('2')
    return service
  }

  /** Milliseconds from `docker service update --rollback` to the first answer of the version gone back to. */
  async rollBack(): Promise<number> {
    const service = this.#engine.getService(this.#id)
    await until(
      async () => !/^(updating|rollback_started)$/.test((await service.inspect()).UpdateStatus?.State),
      20,
    )
    const { release } = (await this.#ask()) ?? {}
    const { Version, Spec } = await service.inspect()
    return timed(async () => {
      await service.update({ version: Version.Index, rollback: 'previous', ...Spec })
      await this.#answers(release === '1' ? '2' : '1')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    await this.#engine.getService(this.#id).remove()
    await this.#engine.swarmLeave({ force: true })
  }

  async #ask(): Promise<{ release?: string } | undefined> {
    const text = await answerOf(this.#port, this.#agent)
    return text === undefined ? undefined : JSON.parse(text)
  }

  async #answers(release: string): Promise<void> {
    await until(async () => (await this.#ask())?.release === release, PAUSE)
  }
}

function serviceSpec(
  { image, command }: Code,
  { version, port }: { version: string; port: number },
): ServiceSpec {
  return {
    Name: 'bench',
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: [...command],
        Dir: DIRECTORY,
        Env: [`PORT=${PORT}`, `HEROKU_RELEASE_VERSION=${version}`],
      },
    },
    Mode: { Replicated: { Replicas: 1 } },
    // The mesh in front of a swarm needs a kernel that not every machine has, and would only take time.
    EndpointSpec: {
      Ports: [{ Protocol: 'tcp', TargetPort: PORT, PublishedPort: port, PublishMode: 'host' }],
    },
  }
}
