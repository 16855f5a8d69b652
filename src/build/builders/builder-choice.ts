import { CONTAINER_STACK } from '../../core/app.ts'

/** What decides how a source tree is built. */
export interface BuilderFacts {
  stack: string
  /** Whether the app has buildpacks set. */
  hasBuildpacks: boolean
  /** Names of plain files of the tree, as paths from its root. */
  files: ReadonlySet<string>
  /** Whether this platform runs containers. */
  hasEngine: boolean
}

export type BuilderChoice =
  | { builder: 'buildpacks'; remark: string | null }
  | { builder: 'dockerfile' }
  | { builder: null; reason: string }

/** What says that an app brings its own image. */
const CONTAINER_FILES = ['heroku.yml', 'Dockerfile'] as const

/** What the built-in buildpacks look for. */
const BUILDPACK_FILES = [
  'package.json',
  'static.json',
  'index.html',
  'public/index.html',
  'dist/index.html',
  'Procfile',
] as const

/** Every file that {@link chooseBuilder} asks about. */
export const TELLING_FILES: readonly string[] = [...CONTAINER_FILES, ...BUILDPACK_FILES]

/**
 * How a source tree is built. On the container stack always as an image; elsewhere only when the tree says how and
 * nothing else applies, so that a Dockerfile kept for development changes nothing for an app that buildpacks build.
 */
export function chooseBuilder({ stack, hasBuildpacks, files, hasEngine }: BuilderFacts): BuilderChoice {
  const found = CONTAINER_FILES.find(file => files.has(file))
  if (stack === CONTAINER_STACK && found === undefined)
    return {
      builder: null,
      reason: `The app's stack is container, but its source has neither a heroku.yml nor a Dockerfile at its root. Add one, or set the stack back with stack:set.`,
    }
  const hasBuildpack = hasBuildpacks || BUILDPACK_FILES.some(file => files.has(file))
  if (found === undefined || (stack !== CONTAINER_STACK && hasBuildpack))
    return { builder: 'buildpacks', remark: found === undefined ? null : unused(found) }
  if (hasEngine) return { builder: 'dockerfile' }
  return {
    builder: null,
    reason: 'A Dockerfile build needs the Docker runtime: start the server with TIDEMARK_RUNTIME=docker.',
  }
}

function unused(file: string): string {
  return `${file} is not used: buildpacks build this app. To build it as an image, set its stack with stack:set container.`
}
