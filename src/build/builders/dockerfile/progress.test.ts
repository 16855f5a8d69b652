import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuildLog } from '../build-log.ts'
import { instructionsOf } from './instructions.ts'
import { BuildProgress } from './progress.ts'

const FLOOD = 3000

function hintsOf(dockerfile: string, streams: readonly string[]): { images: string[]; containers: string[] } {
  const [images, containers]: [string[], string[]] = [[], []]
  const log = new BuildLog(() => {}, { total: 1_000_000, line: 1000 })
  const progress = new BuildProgress(log, instructionsOf(dockerfile), {
    onImage: id => images.push(id),
    onContainer: id => containers.push(id),
  })
  for (const stream of streams) progress.take({ stream })
  progress.end()
  return { images, containers }
}

function done(id: string): string {
  return ` ---> ${id.padEnd(12, '0')}\n`
}

test('what steps made is noted, however much like it their programs print', () => {
  const flood = Array.from({ length: FLOOD }, (_, index) => done(index.toString(16)))
  const made = ['a1', 'a2', 'a3', 'a4']
  const { images, containers } = hintsOf('FROM x\nRUN y\nRUN z', [
    ...['Step 1/4 : FROM x', done('a1')],
    ...['Step 2/4 : RUN y', ' ---> Running in c20000000000\n', ...flood, done('a2')],
    ...['Step 3/4 : RUN z', ' ---> Running in c30000000000\n', ...flood, done('a3')],
    ...['Step 4/4 : LABEL tidemark.platform=x', done('a4')],
  ])
  assert.deepEqual(
    made.filter(id => !images.includes(id.padEnd(12, '0'))),
    [],
  )
  assert.deepEqual(containers, ['c20000000000', 'c30000000000'])
  assert.ok(images.length < FLOOD / 10, 'no more is taken down than a build could make')
})

test('a program that prints that steps begin has no more taken down', () => {
  const steps = Array.from({ length: FLOOD }, (_, index) => [
    `Step ${index + 2}/9999 : RUN y`,
    done('b'),
  ]).flat()
  const { images } = hintsOf('FROM x\nRUN y', ['Step 1/3 : FROM x', ...steps])
  assert.ok(images.length < FLOOD / 2, String(images.length))
})
