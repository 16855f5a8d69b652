import { join } from 'node:path'
import type { ProcessTypes } from '../../../core/procfile.ts'
import { BuildFailure } from '../../builder.ts'
import { readPlainFile } from '../../plain-file.ts'
import { readProcfile } from '../process-types.ts'
import { CLASSIC } from './build-fault.ts'
import { type BuildContext, contextOf } from './context.ts'
import { hereDocumentIn } from './here-documents.ts'
import { type HerokuYml, parseHerokuYml } from './heroku-yml.ts'
import { MAX_BASES, MAY_BE_ID, type NamedById, type NamedImages, namedImages } from './image-ids.ts'
import { declaredArguments, type Instruction, instructionsOf, upToStage } from './instructions.ts'

/** What a source tree asks to be built. */
export interface Plan {
  manifest: HerokuYml | undefined
  procfile: ProcessTypes
  /** Path of the Dockerfile from the root of the tree. */
  dockerfile: string
  instructions: readonly Instruction[]
  /** Every image that it may start from, by name: some are stages, and some are none. */
  bases: ReadonlySet<string>
  context: BuildContext
  /** The stage to stop at. */
  target: string | null
  buildArguments: Readonly<Record<string, string>>
}

const MAX_BYTES = 512 * 1024

/** Reads what a source tree says about its image. Throws {@link BuildFailure} for what cannot be done. */
export async function planOf(tree: string, sourceVersion: string | null): Promise<Plan> {
  const manifest = await readManifest(tree)
  const { dockerfile, target } = manifest?.image ?? { dockerfile: 'Dockerfile', target: null }
  const context = await contextOf(tree, dockerfile)
  const text = await readPlainFile(join(context.directory, context.dockerfile), MAX_BYTES)
  if (text === undefined) throw new BuildFailure(missing(dockerfile, manifest))
  const instructions = target === null ? instructionsOf(text) : upToStage(instructionsOf(text), target)
  const asksForVersion = declaredArguments(instructions).has(SOURCE_VERSION)
  const buildArguments = {
    // A build that has no version leaves it to what the Dockerfile says: an empty one would take its place.
    ...(asksForVersion && sourceVersion && { [SOURCE_VERSION]: sourceVersion }),
    ...manifest?.buildArguments,
  }
  const images = namedImages(text, buildArguments)
  const fault = faultOf(text, { instructions, images })
  if (fault !== undefined) throw new BuildFailure(`${dockerfile} ${fault}`)
  return {
    manifest,
    // Whoever writes a heroku.yml says there what runs.
    procfile: manifest ? {} : await readProcfile(tree),
    dockerfile,
    instructions,
    bases: images.bases,
    context,
    target,
    buildArguments,
  }
}

const SOURCE_VERSION = 'SOURCE_VERSION'

/** What of a Dockerfile the engine is better not shown; undefined when it may be. */
function faultOf(
  text: string,
  { instructions, images }: { instructions: readonly Instruction[]; images: NamedImages },
): string | undefined {
  const hereDocument = hereDocumentIn(text)
  if (hereDocument !== undefined)
    return `line ${hereDocument}: here-documents (<<) require BuildKit.${CLASSIC}`
  // Of one that declares arguments and nothing else an engine says nothing: it breaks off.
  if (instructions.length > 0 && instructions.every(({ name }) => name === 'ARG'))
    return 'has no FROM. Say which image to start from.'
  if (images.bases.size > MAX_BASES) return `starts from more than ${MAX_BASES} images. Name fewer.`
  return images.byId && `line ${images.byId.line}: ${forbidden(images.byId)}`
}

/** The engine has the images of all apps, each with an id that needs no name to be known. */
function forbidden({ named, isUnclear }: NamedById): string {
  return isUnclear
    ? `it cannot be told beforehand which image ${named} is. Write its name out, or with variables as \${NAME} or \${NAME:-default}.`
    : `${named} ${MAY_BE_ID} Name the image and its tag (node:22); if a stage is meant, give it a name with a letter beyond f.`
}

async function readManifest(tree: string): Promise<HerokuYml | undefined> {
  const text = await readPlainFile(join(tree, 'heroku.yml'), MAX_BYTES)
  if (text === undefined) return undefined
  const result = parseHerokuYml(text)
  if (result.ok) return result.manifest
  throw new BuildFailure(`heroku.yml line ${result.line}: ${result.reason}.`)
}

function missing(dockerfile: string, manifest: HerokuYml | undefined): string {
  if (manifest?.image)
    return `heroku.yml names ${dockerfile}, which is not in the source. Add it, or correct the path.`
  return 'There is no Dockerfile at the root of the source. Add one, or name it in heroku.yml under build.docker.'
}
