import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Builder, BuildFailure } from '../builder.ts'
import { chooseBuilder, TELLING_FILES } from './builder-choice.ts'

export interface Builders {
  buildpacks: Builder
  /** Null on a platform that does not run containers. */
  dockerfile: Builder | null
}

/** Looks at a source tree and hands it to the builder that is right for it. */
export function compositeBuilder({ buildpacks, dockerfile }: Builders): Builder {
  return {
    async build(request, output, signal) {
      const choice = chooseBuilder({
        stack: request.stack,
        hasBuildpacks: request.buildpacks.length > 0,
        files: await tellingFiles(request.sourceDirectory),
        hasEngine: dockerfile !== null,
      })
      if (choice.builder === null) throw new BuildFailure(choice.reason)
      if (choice.builder === 'dockerfile' && dockerfile) return dockerfile.build(request, output, signal)
      if (choice.builder === 'buildpacks' && choice.remark !== null) output(` !     ${choice.remark}\n`)
      return buildpacks.build(request, output, signal)
    },
  }
}

async function tellingFiles(directory: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const file of TELLING_FILES) {
    const stats = await lstat(join(directory, file)).catch(() => undefined)
    if (stats?.isFile() || stats?.isSymbolicLink()) found.add(file)
  }
  return found
}
