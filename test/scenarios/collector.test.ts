import assert from 'node:assert/strict'
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApp } from '../../src/actions/create-app.ts'
import { destroyApp } from '../../src/actions/destroy-app.ts'
import { failBuild } from '../../src/actions/fail-build.ts'
import { setRetention } from '../../src/actions/set-retention.ts'
import { days, hours, minutes } from '../../src/core/time.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { raw } from '../contracts/ledger-place.ts'
import { Place } from './collector-place.ts'

test('a clock that was set makes nothing old, before or after a restart, until it was steady for a day', async () => {
  await using place = await Place.open()
  const digest = await place.deploy('one')
  await place.deploy('two')
  const { appId } = place.scene
  await place.collector.sweep(appId)
  place.wall += days(60)
  assert.equal((await place.collector.sweep(appId)).releases.length, 0)
  assert.equal(await place.collector.ageCountsAgainAt(), place.wall + hours(24))
  await place.collector.close()
  place.collector = place.newCollector()
  for (let hour = 0; hour < 23; hour++) {
    place.pass(hours(1))
    assert.equal((await place.collector.sweep(appId)).releases.length, 0)
  }
  place.pass(hours(1))
  assert.equal(await place.collector.ageCountsAgainAt(), null)
  const bytes = await place.collector.reclaimable(await place.collector.preview(appId))
  assert.ok(bytes > 0)
  assert.deepEqual(await place.collector.sweep(appId), {
    releases: [(await place.scene.release(2)).id],
    ...{ artifacts: 1, bytes },
  })
  assert.equal(await place.store.has(digest), false)
  assert.deepEqual(place.troubles, [])
})

test('bytes that another app has, or a build has just stored, stay; the next sweep takes what nobody named', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const other = await createApp(ledger, by, { name: 'ramen', random: () => 0 })
  const shared = await place.deploy('shared')
  await place.deploy('shared', other.id)
  const rebuilt = await place.deploy('rebuilt')
  await place.deploy('newest')
  const build = await place.build('rebuilt')
  assert.equal(build.digest, rebuilt, 'the same content is the same image')
  await setRetention(ledger, by, appId, { releases: 1 })
  assert.equal((await place.collector.sweep(appId)).releases.length, 2)
  assert.ok(await place.store.has(shared))
  assert.ok(await place.store.has(rebuilt), 'the build may still name it')
  await failBuild(ledger, appId, build.id, 'The build was cancelled.')
  await place.collector.sweep(appId)
  assert.equal(await place.store.has(rebuilt), false)
  await setRetention(ledger, by, other.id, { releases: 1 })
  await place.deploy('more', other.id)
  await place.collector.sweep(other.id)
  assert.equal(await place.store.has(shared), false)
})

test('an image that the ledger does not know goes after a day', async () => {
  await using place = await Place.open()
  const build = await place.build('cancelled at the end')
  await failBuild(place.scene.ledger, place.scene.appId, build.id, 'The build was cancelled.')
  const kept = await place.deploy('kept')
  await place.collector.sweepAll()
  place.pass(hours(23))
  await place.collector.sweepAll()
  assert.ok(await place.store.has(build.digest))
  place.pass(hours(1))
  await place.collector.sweepAll()
  assert.equal(await place.store.has(build.digest), false)
  assert.ok(await place.store.has(kept))
  assert.deepEqual(place.troubles, [])
})

test('an image that the ledger does not know goes after a day in which the platform ran, over restarts', async () => {
  await using place = await Place.open()
  const { ledger, appId } = place.scene
  const build = await place.build('cancelled at the end')
  await failBuild(ledger, appId, build.id, 'The build was cancelled.')
  const restart = async () => {
    await place.collector.close()
    // Another boot of the machine, and a clock that was set meanwhile.
    place.monotonic = 0
    place.wall += days(2)
    place.collector = place.newCollector()
    await place.collector.sweepAll()
  }
  await place.collector.sweepAll()
  for (let time = 0; time < 3; time++) {
    place.pass(minutes(30))
    await place.collector.sweepAll()
    place.pass(hours(7.5) - 1)
    assert.ok(await place.store.has(build.digest))
    await restart()
  }
  assert.ok(await place.store.has(build.digest), 'what is missing are 3 milliseconds')
  place.pass(3)
  await place.collector.sweepAll()
  assert.equal(await place.store.has(build.digest), false)
  assert.deepEqual(place.troubles, [])
})

test('what a wrong ledger did not know begins anew once the right one was back', async () => {
  await using place = await Place.open()
  await using other = await Place.open()
  const digest = await place.deploy('ours')
  const restart = async (ledger: Ledger) => {
    await place.collector.close()
    place.collector = place.newCollector(ledger)
    await place.collector.sweepAll()
  }
  for (let mistakes = 0; mistakes < 3; mistakes++) {
    await restart(other.scene.ledger)
    place.pass(hours(20))
    await restart(place.scene.ledger)
  }
  assert.ok(await place.store.has(digest))
  await writeFile(join(place.directory, 'unknown.json'), 'half of')
  await restart(other.scene.ledger)
  place.pass(hours(24))
  await place.collector.sweepAll()
  assert.equal(await place.store.has(digest), false)
})

test('an image that the ledger knew once, and that was stored again in vain, goes after a day', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const digest = await place.deploy('one')
  await place.deploy('two')
  await setRetention(ledger, by, appId, { releases: 1 })
  await place.collector.sweep(appId)
  const build = await place.build('one')
  assert.equal(build.digest, digest, 'the same content is the same image')
  await failBuild(ledger, appId, build.id, 'The build was cancelled.')
  await place.collector.sweepAll()
  place.pass(hours(24))
  await place.collector.sweepAll()
  assert.equal(await place.store.has(digest), false)
  assert.deepEqual(place.troubles, [])
})

test('a record that cannot be deleted keeps nothing else, is told of, and goes once it can', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const [stuck = '', ...others] = [await place.deploy('1'), await place.deploy('2'), await place.deploy('3')]
  await setRetention(ledger, by, appId, { releases: 1 })
  const record = join(place.directory, 'artifacts/images', stuck.slice('sha256:'.length))
  await rm(record)
  await mkdir(record)
  const sweep = await place.collector.sweep(appId)
  assert.equal(sweep.artifacts, 2)
  assert.ok(sweep.bytes > 0)
  const left = await Promise.all(others.map(digest => place.store.has(digest)))
  assert.deepEqual(left, [false, true])
  assert.match(place.troubles.join(), /^Error: Images or blobs could not be deleted: sha256:[0-9a-f]+\./)
  assert.deepEqual(
    (await ledger.read.artifacts.toCollect({ after: '', limit: 9 })).map(({ digest }) => digest),
    [stuck],
  )
  await rmdir(record)
  await place.collector.sweep(appId)
  assert.deepEqual([...(await place.store.usage()).images.keys()], others.slice(1))
  const blobs = await readdir(join(place.directory, 'artifacts/blobs/sha256'))
  assert.equal(blobs.length, 3, 'manifest, configuration and layer of the one that is kept')
})

test('a sweep of an app says which bytes of that app it freed, whatever was left before', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const other = await createApp(ledger, by, { name: 'ramen', random: () => 0 })
  const theirs = await place.deploy('theirs', other.id)
  await place.deploy('ours')
  await destroyApp(ledger, by, other.id)
  assert.deepEqual(await place.collector.sweep(appId), { releases: [], artifacts: 0, bytes: 0 })
  assert.equal(await place.store.has(theirs), false, 'it went all the same')
})

test('a sweep that is cut short is finished by the next, and closing waits for it', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const digests: string[] = []
  for (let deploys = 0; deploys < 4; deploys++) digests.push(await place.deploy(`${deploys}`))
  await setRetention(ledger, by, appId, { releases: 1 })
  const sweeping = assert.rejects(place.collector.sweep(appId), { id: 'service_unavailable' })
  await place.collector.close()
  await sweeping
  place.collector = place.newCollector()
  place.collector.start()
  await place.collector.sweepAll()
  const left = await Promise.all(digests.map(digest => place.store.has(digest)))
  assert.deepEqual(left, [false, false, false, true])
  assert.deepEqual(place.troubles, [])
})

test('what could not be remembered of the clocks is remembered at the next look', async () => {
  await using place = await Place.open()
  const { ledger, place: database } = place.scene
  await place.collector.ageCountsAgainAt()
  await raw(database, `create trigger busy before update on platform begin select raise(abort, 'busy'); end`)
  place.wall += days(60)
  await assert.rejects(place.collector.ageCountsAgainAt(), /busy/)
  // A reader waits until what failed has been taken back.
  await ledger.read.clockMarks.last()
  await raw(database, 'drop trigger busy')
  const again = await place.collector.ageCountsAgainAt()
  assert.equal(again, place.wall + hours(24))
  assert.deepEqual(await ledger.read.clockMarks.last(), { wall: place.wall, steadySince: place.wall })
})

test('neither an app that is destroyed nor a server that ends in the middle of a sweep is trouble', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const next = await createApp(ledger, by, { name: 'tempura', random: () => 0 })
  for (let deploys = 0; deploys < 3; deploys++) await place.deploy(`${deploys}`)
  const meanwhile: Promise<unknown>[] = []
  const stop = ledger.onCommit(events => {
    if (events.some(({ kind }) => kind === 'release:expire'))
      meanwhile.push(destroyApp(ledger, by, next.id).finally(stop))
  })
  place.onLook = () => void meanwhile.push(place.collector.close())
  await setRetention(ledger, by, appId, { releases: 1 })
  await place.collector.sweepAll()
  assert.equal(meanwhile.length, 2)
  await Promise.all(meanwhile)
  assert.deepEqual(place.troubles, [])
})
