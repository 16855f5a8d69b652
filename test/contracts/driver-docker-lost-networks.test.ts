/** A dyno whose network is held for it, and an engine that answers late or is not heard. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { get, hasExited, spec, textsOf, until } from './driver.ts'
import { holding, startWeb, withOneWaiting } from './driver-docker-holders.ts'
import { type Fate, worldBut } from './engine-but.ts'

const LOST = 'Its network is gone: the container that held it has ended'

const tested = await testEngine()

if (tested.skip !== undefined)
  describe('docker driver: lost networks', { skip: tested.skip }, () => test('are put to the test'))
else {
  const { engine } = tested

  test('docker driver: a dyno is not ended by what was found before its network was brought back', async t => {
    let phase: 'before' | 'brought back' | 'after' = 'before'
    const isUp = Promise.withResolvers<void>()
    let [dyno, holder] = ['', '']
    let looks = 0
    const the = await worldBut(t, async (method, path): Promise<Fate> => {
      const [, id = '', what] = /\/containers\/(\w+)\/(start|json)/.exec(path) ?? []
      if (phase === 'before' && method === 'POST' && what === 'start') {
        holder = await holderIn(id)
        if (holder === '') return 'pass'
        phase = 'brought back'
        dyno = id
        // As an engine does that is stopped just then.
        await engine.getContainer(holder).kill()
        return answer => void answer.destroy()
      }
      // The first to look at it is who heard of its holder's end.
      if (phase === 'brought back' && what === 'json' && id === dyno && ++looks === 1) await isUp.promise
      return 'pass'
    })
    const { digest } = await withOneWaiting(the)
    const web = spec(digest, 'node server.js', { listens: true })
    const up = until(the.driver, web.id, dyno => dyno.isListening)
    await the.driver.list()
    await the.driver.start(web)
    const next = await up
    phase = 'after'
    isUp.resolve()
    await the.driver.list()
    assert.match(await get(next.address ?? ''), /hello/)
    await the.driver.stop(next.id, 0)
    const texts = await textsOf(the.driver, next, text => text.endsWith(' to down'))
    assert.ok(!texts.includes(LOST), texts.join('\n'))
  })

  test('docker driver: a dyno whose network goes before it is known to run is ended as one that runs', async t => {
    let [starting, holder] = ['', '']
    let looks = 0
    const known = Promise.withResolvers<void>()
    const checked = Promise.withResolvers<void>()
    const the = await worldBut(t, async (method, path): Promise<Fate> => {
      const [, id = '', what] = /\/containers\/(\w+)\/(start|json)/.exec(path) ?? []
      if (method === 'POST' && what === 'start' && holder === '') {
        holder = await holderIn(id)
        if (holder !== '') starting = id
      }
      if (what !== 'json' || starting === '') return 'pass'
      if (id === holder) checked.resolve()
      // The first to look at it is who started it.
      if (id !== starting || ++looks > 1) return 'pass'
      await engine.getContainer(holder).kill()
      await known.promise
      return 'pass'
    })
    const { digest, waiting } = await withOneWaiting(the)
    const web = spec(digest, 'node server.js', { listens: true })
    const ended = until(the.driver, web.id, hasExited)
    await the.driver.list()
    await the.driver.start(web)
    await checked.promise
    // Answered after that.
    await engine.getContainer(waiting.Id).inspect()
    known.resolve()
    assert.equal((await ended).exitStatus, 137)
    const texts = await textsOf(the.driver, web, text => text.endsWith(' to crashed'))
    assert.ok(texts.includes(LOST), texts.join('\n'))
  })

  test('docker driver: a network that was made again while nothing was heard ends the dyno', async t => {
    let events: ServerResponse | undefined
    const the = await worldBut(t, (_, path) => {
      if (!path.includes('/events') || events !== undefined) return 'pass'
      return answer => {
        events = answer
        answer.writeHead(200).flushHeaders()
      }
    })
    const { digest } = await withOneWaiting(the)
    const next = await startWeb(the, digest)
    await the.engine.getContainer(await holding(the, next)).restart({ t: 0 })
    const ended = until(the.driver, next.id, hasExited)
    await eventually('it listened', async () => events)
    events?.end()
    assert.equal((await ended).exitStatus, 137)
    const texts = await textsOf(the.driver, next, text => text.endsWith(' to crashed'))
    assert.ok(texts.includes(LOST), texts.join('\n'))
  })

  /** The id of the container that holds a container's network, if it has none of its own. */
  async function holderIn(container: string): Promise<string> {
    return holderOf((await engine.getContainer(container).inspect()).HostConfig) ?? ''
  }
}
