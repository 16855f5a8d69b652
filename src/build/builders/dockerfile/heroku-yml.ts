import { type Document, isMap, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { byteSize, limitSize } from '../byte-size.ts'
import { type Entry, Fault, textOf, YamlNodes } from './yaml-nodes.ts'

/** What a `heroku.yml` says about how an app is built and run. */
export interface HerokuYml {
  /** The one image all process types share; null when it names none: the Dockerfile at the root. */
  image: DockerImage | null
  /** Build arguments, from `build.config`. */
  buildArguments: Readonly<Record<string, string>>
  /** Process types with a command of their own, `release` among them. */
  commands: Readonly<Record<string, string>>
  /** Process types that run what the image says. */
  imageTypes: readonly string[]
  /** Sentences about what was left alone. */
  remarks: readonly string[]
}

export interface DockerImage {
  /** Path of the Dockerfile. Its directory is the build context. */
  dockerfile: string
  /** The stage to stop at. */
  target: string | null
}

export type HerokuYmlResult = { ok: true; manifest: HerokuYml } | { ok: false; line: number; reason: string }

const TYPE = /^[A-Za-z0-9_-]{1,128}$/
/** Bytes. Linux takes little more as one argument or variable of a process, and the engine little more in a request. */
const MAX_BYTES = 100_000
const ARGUMENT = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads a `heroku.yml`. What this platform does otherwise is left alone with a remark; what is wrong is said by line. */
export function parseHerokuYml(text: string): HerokuYmlResult {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const lineOf = (offset: number | undefined) => counter.linePos(offset ?? 0).line || 1
  try {
    const [error] = document.errors
    if (error) throw new Fault(error.pos[0], 'this is no YAML that can be read; check indentation and quotes')
    return { ok: true, manifest: new Reader(document).manifest(document.contents) }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, line: lineOf(error.offset), reason: error.message }
    throw error
  }
}

class Reader {
  readonly #nodes: YamlNodes
  readonly #remarks: string[] = []
  readonly #images = new Map<string, DockerImage>()
  readonly #commands = new Map<string, string>()

  constructor(document: Document) {
    this.#nodes = new YamlNodes(document)
  }

  manifest(contents: unknown): HerokuYml {
    let buildArguments = {}
    let run: unknown
    let release: unknown
    for (const { name, key, value } of this.#nodes.entries(contents, 'heroku.yml')) {
      if (name === 'build') buildArguments = this.#build(value, key)
      else if (name === 'run') run = value
      else if (name === 'release') release = value
      else if (name === 'setup')
        this.#remark('setup is left alone: add add-ons and config vars with addons:create and config:set.')
      else this.#remark(`${name} is left alone: expected build, run and release.`)
    }
    for (const entry of this.#nodes.entries(run, 'run')) this.#run(entry)
    if (release) this.#release(release)
    return {
      image: this.#images.values().next().value ?? null,
      buildArguments,
      commands: Object.fromEntries(this.#commands),
      imageTypes: [...this.#images.keys()].filter(type => !this.#commands.has(type)),
      remarks: this.#remarks,
    }
  }

  #build(value: unknown, at: Node): Record<string, string> {
    let buildArguments = {}
    for (const { name, key, value: given } of this.#nodes.entries(value, 'build', at)) {
      if (name === 'docker')
        for (const entry of this.#nodes.entries(given, 'build.docker', key)) this.#image(entry)
      else if (name === 'config') buildArguments = this.#arguments(given, key)
      else if (name === 'languages' || name === 'packages')
        throw new Fault(
          key,
          `build.${name} asks for buildpacks. Set them with buildpacks:set, and take the app off the container stack`,
        )
      else this.#remark(`build.${name} is left alone: expected docker and config.`)
    }
    return buildArguments
  }

  #image({ name, key, value }: Entry): void {
    checkType(name, key)
    const image = this.#dockerImage(name, key, value)
    const [first] = this.#images
    if (first && (first[1].dockerfile !== image.dockerfile || first[1].target !== image.target))
      throw new Fault(
        key,
        `${name} has an image of its own, but a release has one image here. Build all process types from ${first[1].dockerfile}, and say under run what each of them runs`,
      )
    this.#images.set(name, image)
  }

  #dockerImage(type: string, key: Node, value: unknown): DockerImage {
    if (!isMap(value))
      return { dockerfile: dockerfilePath(textOf(value, `build.docker.${type}`, key), key), target: null }
    let [dockerfile, target]: [string, string | null] = ['Dockerfile', null]
    for (const { name, key: at, value: given } of this.#nodes.entries(value, type)) {
      if (name === 'dockerfile') dockerfile = dockerfilePath(textOf(given, name, at), at)
      else if (name === 'target') target = textOf(given, name, at)
      else throw new Fault(at, `build.docker.${type}.${name} is unknown. Expected dockerfile and target`)
    }
    return { dockerfile, target }
  }

  #arguments(value: unknown, at: Node): Record<string, string> {
    const given: Record<string, string> = {}
    for (const { name, key, value: text } of this.#nodes.entries(value, 'build.config', at)) {
      if (!ARGUMENT.test(name))
        throw new Fault(
          key,
          `${JSON.stringify(name)} cannot be the name of a build argument. Use letters, digits and _`,
        )
      given[name] = textOf(text, `build.config.${name}`, key, { isVerbatim: true })
    }
    checkSize(Object.entries(given).join(), 'build.config', at)
    return given
  }

  #run({ name, key, value }: Entry): void {
    checkType(name, key)
    if (!isMap(value)) return void this.#commands.set(name, this.#command(value, `run.${name}`, key))
    const { command, image } = this.#commandAndImage(value, `run.${name}`)
    if (command !== undefined) this.#commands.set(name, command)
    else if (image !== undefined) this.#images.set(name, image)
    else throw new Fault(key, `run.${name} has neither a command nor an image`)
  }

  #release(value: unknown): void {
    if (!isMap(value))
      return void this.#commands.set('release', this.#command(value, 'release', value as Node))
    const { command, image } = this.#commandAndImage(value, 'release')
    if (command !== undefined) this.#commands.set('release', command)
    else if (image !== undefined) this.#images.set('release', image)
    else throw new Fault(value, 'release has neither a command nor an image')
  }

  #commandAndImage(map: YAMLMap, where: string): { command?: string; image?: DockerImage } {
    const found: { command?: string; image?: DockerImage } = {}
    for (const { name, key, value } of this.#nodes.entries(map, where)) {
      if (name === 'command') found.command = this.#command(value, `${where}.command`, key)
      else if (name === 'image') found.image = this.#imageNamed(textOf(value, `${where}.image`, key), key)
      else this.#remark(`${where}.${name} is left alone: expected command and image.`)
    }
    return found
  }

  /** Several commands run one after the other, as long as none fails. */
  #command(value: unknown, where: string, at: Node): string {
    const items = this.#nodes.items(value) ?? [value]
    const commands = items.map(item => textOf(item, where, at))
    if (commands.length === 0) throw new Fault(value as Node, `${where} is an empty list`)
    const command = commands.length === 1 ? commands.join() : commands.map(whole).join(' && ')
    checkSize(command, where, at)
    return command
  }

  #imageNamed(type: string, at: Node): DockerImage {
    const image = this.#images.get(type)
    if (image) return image
    const known = [...this.#images.keys()]
    throw new Fault(
      at,
      `image ${JSON.stringify(type)} is not built. ${known.length === 0 ? 'Name it under build.docker' : `Use one of: ${known.join(', ')}`}`,
    )
  }

  #remark(sentence: string): void {
    this.#remarks.push(`heroku.yml: ${sentence}`)
  }
}

/**
 * A command as a part of another. Whatever a shell makes something of is kept apart: what follows would else be part of
 * a comment, or run although something failed before an `||`.
 */
function whole(command: string): string {
  if (/^[\w ./:=@%+,-]*$/.test(command)) return command
  // A backslash at the end takes one line end away.
  return `{ ${command}${command.endsWith('\\') ? '\n' : ''}\n}`
}

function checkSize(text: string, where: string, at: Node): void {
  const size = Buffer.byteLength(text)
  if (size <= MAX_BYTES) return
  throw new Fault(
    at,
    `${where} is too large: ${byteSize(size)} (max is ${limitSize(MAX_BYTES)}). Keep in a file what is as long as that`,
  )
}

function checkType(type: string, at: Node): void {
  if (!TYPE.test(type))
    throw new Fault(at, `${JSON.stringify(type)} cannot be a process type. Use letters, digits, - and _`)
}

function dockerfilePath(given: string, at: Node): string {
  const parts = given.split('/').filter(part => part !== '' && part !== '.')
  if (given.startsWith('/') || parts.includes('..') || parts.length === 0)
    throw new Fault(at, `${JSON.stringify(given)} is no path inside the repository`)
  return parts.join('/')
}
