import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildFault } from './build-fault.ts'

const instructions = [
  { line: 1, name: 'FROM', text: '--platform=linux/amd64 node:99 AS build' },
  { line: 7, name: 'RUN', text: '<<EOF' },
]
const run = { file: 'docker/Dockerfile', instruction: instructions[1], isTriggered: false }
const from = { file: 'Dockerfile', instruction: instructions[0], isTriggered: false }
const trigger = { ...from, isTriggered: true }
const none = { file: 'Dockerfile', instruction: undefined, isTriggered: false }

describe('why a build failed', () => {
  for (const [said, place, sentence] of [
    [
      "The command '/bin/sh -c npm ci' returned a non-zero code: 1",
      run,
      'docker/Dockerfile line 7: RUN ended with status 1. What it printed is above.',
    ],
    [
      'COPY failed: file not found in build context or excluded by .dockerignore: stat x: file does not exist',
      { ...run, instruction: { line: 3, name: 'COPY', text: 'x y' } },
      'docker/Dockerfile line 3: COPY failed: file not found in build context or excluded by .dockerignore: stat x: file does not exist.',
    ],
    [
      'pull access denied for node, repository does not exist',
      from,
      'Dockerfile line 1: the image node:99 cannot be had. pull access denied for node, repository does not exist.',
    ],
    [
      'COPY failed: no source files were specified',
      trigger,
      'Dockerfile line 1: COPY (from ONBUILD of the image) failed: no source files were specified.',
    ],
    [
      "The command '/bin/sh -c npm i' returned a non-zero code: 1",
      trigger,
      'Dockerfile line 1: RUN (from ONBUILD of the image) ended with status 1. What it printed is above.',
    ],
    [
      'Invalid signal: x',
      trigger,
      'Dockerfile line 1: ONBUILD of the image node:99 failed. Invalid signal: x.',
    ],
    [
      'dockerfile parse error line 7: Unknown flag: link',
      none,
      'Dockerfile line 7: Unknown flag: link. This platform builds with the classic builder of the engine: leave out what only BuildKit knows.',
    ],
    [
      'dockerfile parse error line 3: unknown instruction: FRMO',
      none,
      'Dockerfile line 3: unknown instruction: FRMO.',
    ],
    [
      'the --mount option requires BuildKit. Refer to a page',
      run,
      'docker/Dockerfile line 7: the --mount option requires BuildKit. Refer to a page. This platform builds with the classic builder of the engine: leave out what only BuildKit knows.',
    ],
    ['something odd', none, 'Dockerfile cannot be built. The Docker engine says: something odd.'],
  ] as const) {
    it(said.slice(0, 40), () => assert.equal(buildFault(said, place), sentence))
  }
})
