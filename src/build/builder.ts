import type { Artifact } from '../core/artifact.ts'
import type { BuildpackRef } from '../core/build.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import type { ProcessTypes } from '../core/procfile.ts'
import { plain } from './printable.ts'

/** One build, as a builder sees it. Nothing here says whose app it is or what release it may become. */
export interface BuildRequest {
  buildId: string
  appId: string
  /** A finished source tree, owned by the builder from now on; it may change it in place. */
  sourceDirectory: string
  /** Persists between builds of the app; at most one build of an app runs at a time. */
  cacheDirectory: string
  /** Empty directory for whatever else the build needs; removed by the caller afterwards. */
  workDirectory: string
  config: ConfigVars
  /** In order; empty when one has to be detected. */
  buildpacks: readonly BuildpackRef[]
  stack: string
  /** Commit hash or version label: SOURCE_VERSION. */
  sourceVersion: string | null
}

export interface BuildResult {
  digest: string
  /** Bytes of all layers, as stored. */
  size: number
  processTypes: ProcessTypes
  /** Whether it runs on the app's stack, or as an image of its own; a slug unless said. */
  kind?: Artifact['kind']
  /** What it runs on; whatever the app is set to meanwhile. */
  stack: string
  /** The buildpacks that ran, the detected one included: the caller pins them to the app. */
  buildpacks: readonly BuildpackRef[]
  /** Human names: `Node.js`. */
  buildpackDescription: string
}

/** Takes the build's output, already in the form the person pushing sees (`-----> …`, seven spaces, ` !     …`). */
export type BuildOutput = (text: string) => void

/** The source's own fault (no buildpack applies, compile failed, slug too large …): the sentence goes to the person pushing. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure'

  /** The sentence may quote the source, or a program that read it. */
  constructor(message: string, options?: ErrorOptions) {
    super(plain(message), options)
  }
}

export interface Builder {
  /**
   * Makes an artifact of a source tree and puts it into the store. Throws {@link BuildFailure} for what is wrong with
   * the source. When `signal` aborts, every process it started is killed before the promise rejects.
   */
  build(request: BuildRequest, output: BuildOutput, signal: AbortSignal): Promise<BuildResult>
}
