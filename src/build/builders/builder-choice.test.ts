import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BuilderFacts, chooseBuilder } from './builder-choice.ts'

function choice(files: readonly string[], given: Partial<Omit<BuilderFacts, 'files'>> = {}): string {
  const chosen = chooseBuilder({
    stack: 'tidemark-1',
    hasBuildpacks: false,
    hasEngine: true,
    files: new Set(files),
    ...given,
  })
  if (chosen.builder === null) return chosen.reason
  return chosen.builder === 'buildpacks' && chosen.remark !== null
    ? `buildpacks (${chosen.remark})`
    : chosen.builder
}

const container = { stack: 'container' }

describe('the choice of a builder', () => {
  it('is always the Dockerfile on the container stack', () => {
    assert.equal(choice(['Dockerfile'], container), 'dockerfile')
    assert.equal(choice(['heroku.yml', 'package.json', 'Procfile'], container), 'dockerfile')
    assert.equal(choice(['Dockerfile'], { ...container, hasBuildpacks: true }), 'dockerfile')
  })

  it('needs one of the two files there', () => {
    assert.match(choice(['package.json'], container), /stack is container, but its source has neither/)
  })

  it('is the Dockerfile elsewhere when nothing else applies', () => {
    assert.equal(choice(['Dockerfile']), 'dockerfile')
    assert.equal(choice(['heroku.yml']), 'dockerfile')
  })

  it('is buildpacks where they apply, and says that the other file is not used', () => {
    assert.equal(choice(['package.json']), 'buildpacks')
    assert.equal(choice([]), 'buildpacks')
    for (const file of ['package.json', 'index.html', 'public/index.html', 'Procfile'])
      assert.match(
        choice(['Dockerfile', file]),
        /^buildpacks \(Dockerfile is not used: .* stack:set container\.\)$/,
      )
    assert.match(choice(['heroku.yml'], { hasBuildpacks: true }), /^buildpacks \(heroku\.yml is not used/)
  })

  it('refuses what would need an engine where there is none', () => {
    const needs =
      'A Dockerfile build needs the Docker runtime: start the server with TIDEMARK_RUNTIME=docker.'
    assert.equal(choice(['Dockerfile'], { hasEngine: false }), needs)
    assert.equal(choice(['heroku.yml'], { ...container, hasEngine: false }), needs)
    assert.match(choice(['Dockerfile', 'Procfile'], { hasEngine: false }), /^buildpacks /)
  })
})
