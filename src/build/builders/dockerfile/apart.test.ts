import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Apart } from './apart.ts'

const never = new AbortController().signal

/** Something that begins when it is let, and ends when it is told. */
function task(name: string, happened: string[]) {
  const end = Promise.withResolvers<void>()
  const run = async () => {
    happened.push(`${name} begins`)
    await end.promise
    happened.push(`${name} ends`)
  }
  return { run, end: () => end.resolve() }
}

describe('builds and removals', () => {
  it('a removal waits until no build runs, and builds wait until it is over', async () => {
    const [apart, happened] = [new Apart(), [] as string[]]
    const [one, two, three, removal] = ['one', 'two', 'three', 'removal'].map(name => task(name, happened))
    const builds = [one, two].map(build => apart.build(build?.run ?? assert.fail(), never))
    const removed = apart.remove(removal?.run ?? assert.fail())
    one?.end()
    await builds[0]
    assert.deepEqual(happened, ['one begins', 'two begins', 'one ends'])
    two?.end()
    await builds[1]
    const third = apart.build(three?.run ?? assert.fail(), never)
    removal?.end()
    three?.end()
    await Promise.all([removed, third])
    assert.deepEqual(happened.slice(3), [
      'two ends',
      'removal begins',
      'removal ends',
      'three begins',
      'three ends',
    ])
  })

  it('what is to be removed now, or not at all, is not while a build runs', async () => {
    const [apart, happened] = [new Apart(), [] as string[]]
    const [build, removal] = [task('build', happened), task('removal', happened)]
    const building = apart.build(build.run, never)
    await apart.removeIfIdle(removal.run)
    build.end()
    await building
    removal.end()
    await apart.removeIfIdle(removal.run)
    assert.deepEqual(happened, ['build begins', 'build ends', 'removal begins', 'removal ends'])
  })

  it('a removal that fails lets builds go on, and one that takes long does not hold what is stopped', async () => {
    const [apart, happened] = [new Apart(), [] as string[]]
    const removal = task('removal', happened)
    const failing = apart.remove(async () => {
      await removal.run()
      throw new Error('no engine')
    })
    const stop = new AbortController()
    const stopped = apart.build(async () => assert.fail('it began'), stop.signal)
    const patient = apart.build(async () => happened.push('build'), never)
    stop.abort(new Error('enough'))
    await assert.rejects(stopped, /enough/)
    removal.end()
    await assert.rejects(failing, /no engine/)
    await patient
    assert.deepEqual(happened, ['removal begins', 'removal ends', 'build'])
  })
})
