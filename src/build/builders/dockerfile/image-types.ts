import { type ProcessTypes, RELEASE_TYPE } from '../../../core/procfile.ts'
import { commandLineOf, commandLineWith, type ImageCommand, ignoresCommand } from './command-line.ts'
import type { HerokuYml } from './heroku-yml.ts'

/** All that may say what an image's process types run. */
export interface TypeSources {
  manifest: HerokuYml | undefined
  /** What a Procfile declares; empty when there is none. */
  procfile: ProcessTypes
  image: ImageCommand
  /** Whether the Dockerfile itself says what to run, rather than the image it is made from. */
  saysWhatToRun: boolean
}

export interface ImageTypes {
  types: ProcessTypes
  /** Where they come from, as the person pushing knows it. */
  origin: 'heroku.yml' | 'Procfile' | 'Dockerfile'
  /** Sentences for the person pushing. */
  remarks: readonly string[]
}

/**
 * The process types of an image: what heroku.yml says, else what a Procfile says, else the image's own command as
 * `web`. A Procfile without `web` leaves that to the Dockerfile.
 */
export function imageTypes({ manifest, procfile, image, saysWhatToRun }: TypeSources): ImageTypes {
  const own = commandLineOf(image)
  const origin = manifest ? 'heroku.yml' : Object.keys(procfile).length > 0 ? 'Procfile' : 'Dockerfile'
  const commands = Object.entries(manifest?.commands ?? procfile)
  const types = new Map(commands.map(([type, command]) => [type, commandLineWith(image.entrypoint, command)]))
  const remarks: string[] = []
  for (const type of ownTypes({ manifest, origin, saysWhatToRun })) {
    if (types.has(type)) continue
    if (own !== undefined) types.set(type, own)
    else remarks.push(`The image does not say what ${type} runs. Add a CMD to the Dockerfile.`)
  }
  if (!types.has('web') && remarks.length === 0)
    remarks.push('No process type is called web: this app answers no requests.')
  if (commands.length > 0 && ignoresCommand(image.entrypoint)) remarks.push(inPlaceOf(commands))
  return { types: Object.fromEntries(types), origin, remarks }
}

function inPlaceOf(commands: readonly [type: string, command: string][]): string {
  const types = commands.map(([type]) => type).join(', ')
  return `The ENTRYPOINT is in shell form, so it runs in place of what is declared for ${types}. Write it as a list (ENTRYPOINT ["…"]), or as CMD.`
}

/** The types that run what the image says. */
function ownTypes(
  given: Pick<TypeSources, 'manifest' | 'saysWhatToRun'> & Pick<ImageTypes, 'origin'>,
): readonly string[] {
  const { manifest, origin, saysWhatToRun } = given
  if (!manifest) return origin === 'Dockerfile' || saysWhatToRun ? ['web'] : []
  const isUndeclared =
    manifest.imageTypes.length === 0 && Object.keys(manifest.commands).every(type => type === RELEASE_TYPE)
  return isUndeclared ? ['web'] : manifest.imageTypes
}
