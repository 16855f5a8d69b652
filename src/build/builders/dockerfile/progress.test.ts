import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuildLog } from '../build-log.ts'
import { instructionsOf } from './instructions.ts'
import { BuildProgress } from './progress.ts'

const FLOOD = 3000

interface Told {
  images: string[]
  containers: string[]
  shown: string
  /** The instruction at which the build ended. */
  instruction: string | undefined
  isTriggered: boolean
}

function toldOf(dockerfile: string, streams: readonly string[]): Told {
  const [images, containers]: [string[], string[]] = [[], []]
  let shown = ''
  const log = new BuildLog(text => (shown += text), { total: 1_000_000, line: 1000 })
  const progress = new BuildProgress(log, instructionsOf(dockerfile), {
    onImage: id => images.push(id),
    onContainer: id => containers.push(id),
  })
  for (const stream of streams) progress.take({ stream })
  progress.end()
  const { instruction, isTriggered } = progress
  return { images, containers, shown, instruction: instruction?.text, isTriggered }
}

/** What the engine says of a step that runs something, and what that prints. */
function ran(step: string, id: string, ...printed: readonly string[]): readonly string[] {
  return [`Step ${step}`, '\n', ...inContainer(id, ...printed), done(id)]
}

function inContainer(id: string, ...printed: readonly string[]): readonly string[] {
  const container = `c${id}`.padEnd(12, '0')
  return [` ---> Running in ${container}\n`, ...printed, `Removing intermediate container ${container}\n`]
}

function done(id: string): string {
  return ` ---> ${id.padEnd(12, '0')}\n`
}

test('what a program prints is its own, whatever the engine says in such words', () => {
  const printed = [
    'Step 3/4 : RUN z',
    '\n',
    ' ---> 0123456789ab\n',
    ' ---> Running in 0123456789ab\n',
    ' ---> Using cache\n',
    'Removing intermediate container 0123456789ab\n',
    'Successfully built 0123456789ab\n',
    '# Executing 1 build trigger',
  ]
  const { images, containers, shown, instruction, isTriggered } = toldOf('FROM x\nRUN y\nRUN z', [
    ...['Step 1/4 : FROM x', '\n', done('a1')],
    ...ran('2/4 : RUN y', 'a2', ...printed).slice(0, -1),
  ])
  assert.deepEqual([images, containers], [['a10000000000'], ['ca2000000000']])
  assert.deepEqual([instruction, isTriggered], ['y', false])
  const lines = printed.join('').trimEnd().split('\n')
  assert.equal(
    shown,
    `-----> Step 1/3: FROM x\n-----> Step 2/3: RUN y\n${lines.map(line => `       ${line}\n`).join('')}`,
  )
})

test('a program that feigns its own end misleads until its real one', () => {
  const feigned = ['Removing intermediate container ca2000000000\n', 'Step 3/4 : RUN z', '\n', done('f')]
  const y = ran('2/4 : RUN y', 'a2', ...feigned)
  const before = ['Step 1/4 : FROM x', '\n', done('a1')]
  assert.equal(toldOf('FROM x\nRUN y\nRUN z', [...before, ...y.slice(0, -1)]).instruction, 'y')
  const { images, instruction } = toldOf('FROM x\nRUN y\nRUN z', [
    ...before,
    ...y,
    ...ran('3/4 : RUN z', 'a3'),
  ])
  assert.equal(instruction, 'z')
  assert.deepEqual(
    images,
    ['a1', 'f', 'a2', 'a3'].map(id => id.padEnd(12, '0')),
  )
})

test('a container that cannot be removed says nothing of where the build is', () => {
  const stuck = 'Error removing intermediate container ca2000000000: it is\nbusy\n'
  const { shown, instruction } = toldOf('FROM x\nRUN y\nRUN z', [
    ...['Step 1/4 : FROM x', '\n', done('a1')],
    ...[...ran('2/4 : RUN y', 'a2').slice(0, -2), stuck, done('a2')],
    ...[...ran('3/4 : RUN z', 'a3', 'z speaks\n').slice(0, -2), stuck],
  ])
  assert.equal(instruction, 'z')
  assert.equal(
    shown,
    '-----> Step 1/3: FROM x\n-----> Step 2/3: RUN y\n-----> Step 3/3: RUN z\n       z speaks\n',
  )
})

test('what a base image has done is told from the look for that image', () => {
  const from = ['Step 1/3 : FROM x', '\n']
  const triggers = ['# Executing 2 build trigger', 's', '\n', ...inContainer('b1', 'hi\n')]
  const dockerfile = 'FROM x\nFROM y'
  assert.equal(toldOf(dockerfile, from).isTriggered, false)
  const { isTriggered, shown } = toldOf(dockerfile, [...from, ...triggers])
  assert.equal(isTriggered, true)
  assert.equal(shown, '-----> Step 1/2: FROM x\n       # Executing 2 build triggers\n       hi\n')
  const next = [...from, ...triggers, done('b1'), 'Step 2/3 : FROM y', '\n']
  assert.equal(toldOf(dockerfile, next).isTriggered, false)
})

test('what steps made is noted, however much like it their programs print', () => {
  const flood = Array.from({ length: FLOOD }, (_, index) => done(index.toString(16)))
  const feigned = (id: string) => [`Removing intermediate container c${id}000000000\n`, ...flood]
  const made = ['a1', 'a2', 'a3', 'a4']
  const { images, containers } = toldOf('FROM x\nRUN y\nRUN z\nCMD x', [
    ...['Step 1/4 : FROM x', '\n', done('a1')],
    ...ran('2/4 : RUN y', 'a2', ...feigned('a2')),
    ...ran('3/4 : RUN z', 'a3', ...feigned('a3')),
    ...['Step 4/4 : CMD x', '\n', done('a4')],
  ])
  assert.deepEqual(
    made.filter(id => !images.includes(id.padEnd(12, '0'))),
    [],
  )
  assert.deepEqual(containers, ['ca2000000000', 'ca3000000000'])
  assert.ok(images.length < FLOOD / 10, 'no more is taken down than a build could make')
})

test('a program that feigns that steps begin has no more taken down', () => {
  const steps = Array.from({ length: FLOOD }, (_, index) => [`Step ${index + 2}/9999 : RUN y`, done('b')])
  const feigned = ['Removing intermediate container ca2000000000\n', ...steps.flat()]
  const { images } = toldOf('FROM x\nRUN y', ['Step 1/3 : FROM x', ...ran('2/3 : RUN y', 'a2', ...feigned)])
  assert.ok(images.length < FLOOD / 10, String(images.length))
})
