import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Builder, BuildFailure } from '../builder.ts'
import { compositeBuilder } from './composite.ts'

/** Builds nothing, but says that it was asked. */
function named(buildpackDescription: string): Builder {
  return {
    build: async ({ stack }) => ({
      digest: '',
      size: 0,
      processTypes: {},
      stack,
      buildpacks: [],
      buildpackDescription,
    }),
  }
}

describe('the builder of a platform', () => {
  let sourceDirectory: string
  before(async () => {
    sourceDirectory = await mkdtemp(join(tmpdir(), 'tidemark-composite-'))
    await writeFile(join(sourceDirectory, 'Dockerfile'), 'FROM scratch\n')
  })
  after(() => rm(sourceDirectory, { recursive: true }))

  async function build(dockerfile: Builder | null): Promise<{ by: string; output: string }> {
    const common = { buildId: 'b', appId: 'a', workDirectory: '', cacheDirectory: '', config: {} }
    const request = { ...common, sourceDirectory, buildpacks: [], stack: 'tidemark-1', sourceVersion: null }
    let output = ''
    const builder = compositeBuilder({ buildpacks: named('buildpacks'), dockerfile })
    const hear = (text: string) => {
      output += text
    }
    const { buildpackDescription: by } = await builder.build(request, hear, new AbortController().signal)
    return { by, output }
  }

  it('looks at the source', async () => {
    assert.deepEqual(await build(named('Dockerfile')), { by: 'Dockerfile', output: '' })
    await assert.rejects(build(null), (error: unknown) => {
      return error instanceof BuildFailure && /needs the Docker runtime/.test(error.message)
    })
    await writeFile(join(sourceDirectory, 'Procfile'), 'web: x\n')
    const { by, output } = await build(named('Dockerfile'))
    assert.equal(by, 'buildpacks')
    assert.match(output, /^ ! {5}Dockerfile is not used: /)
  })
})
