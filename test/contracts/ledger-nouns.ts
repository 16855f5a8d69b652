import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { createAccount, disableAccount, enableAccount, setPassword } from '../../src/actions/accounts.ts'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { createSource, receiveSource } from '../../src/actions/create-source.ts'
import { failBuild } from '../../src/actions/fail-build.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { recordDynos } from '../../src/actions/record-dynos.ts'
import { restartDynos } from '../../src/actions/restart-dynos.ts'
import { rollback } from '../../src/actions/rollback.ts'
import { runDyno } from '../../src/actions/run-dyno.ts'
import { scale } from '../../src/actions/scale.ts'
import { setBuildpacks } from '../../src/actions/set-buildpacks.ts'
import { addCollaborator, removeCollaborator } from '../../src/actions/share-app.ts'
import { stopDynos } from '../../src/actions/stop-dynos.ts'
import { accountOfPassword, accountOfToken, issueToken, revokeToken } from '../../src/actions/tokens.ts'
import { updateApp } from '../../src/actions/update-app.ts'
import { openUpload } from '../../src/actions/upload-artifact.ts'
import { CONTAINER_STACK, DEFAULT_STACK } from '../../src/core/app.ts'
import type { Slot } from '../../src/core/desired.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

/** Every reader and writer, through the actions that use them. */
export function nounsContract(under: LedgerUnderTest): void {
  it('accounts and tokens: a token stands for its account until it is revoked, expired or the account disabled', async () => {
    await using scene = await Scene.open(under)
    const { ledger } = scene
    const ann = await createAccount(ledger, {
      email: 'Ann@example.com',
      name: 'Ann',
      password: 'long enough',
      isOwner: false,
    })
    assert.deepEqual(
      (await ledger.read.accounts.list()).map(each => each.email),
      ['ann@example.com', 'jim@example.com'],
    )
    const at = ann.createdAt
    const short = await issueToken(ledger, ann, { description: 'short', expiresIn: 1000 })
    const long = await issueToken(ledger, ann, { description: 'long', expiresIn: null })
    const holder = async (token: typeof short, now: number) =>
      (await accountOfToken(ledger, token.secret.reveal(), now))?.account.id
    assert.equal(await holder(short, at), ann.id)
    assert.equal(await holder(short, short.token.expiresAt ?? 0), undefined)
    assert.deepEqual(
      (await ledger.read.accounts.tokens(ann.id)).map(each => each.description),
      ['short', 'long'],
    )
    await assert.rejects(
      revokeToken(ledger, scene.by, long.token.id),
      { id: 'not_found' },
      'not by somebody else',
    )
    await revokeToken(ledger, ann, short.token.id)
    assert.equal(await holder(short, at), undefined)

    assert.equal((await accountOfPassword(ledger, 'ANN@example.com', 'long enough')).id, ann.id)
    await assert.rejects(accountOfPassword(ledger, ann.email, 'wrong'), { id: 'unauthorized' })
    await assert.rejects(accountOfPassword(ledger, 'nobody@example.com', 'long enough'), {
      id: 'unauthorized',
    })
    await assert.rejects(
      accountOfPassword(ledger, scene.by.email, ''),
      { id: 'unauthorized' },
      'without a password',
    )
    await setPassword(ledger, ann.id, 'another one')
    assert.equal(await holder(long, at), undefined, 'a new password revokes all tokens')

    await disableAccount(ledger, scene.by, ann.email)
    await assert.rejects(accountOfPassword(ledger, ann.email, 'another one'), { id: 'unauthorized' })
    await enableAccount(ledger, ann.email)
    assert.equal((await accountOfPassword(ledger, ann.email, 'another one')).disabledAt, null)
    await assert.rejects(disableAccount(ledger, ann, scene.by.email), { id: 'forbidden' })
  })

  it('collaborators: see the apps they work on, once', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const ann = await createAccount(ledger, { email: 'ann@example.com', isOwner: false })
    await addCollaborator(ledger, by, appId, 'Ann@example.com')
    await addCollaborator(ledger, by, appId, ann.email)
    assert.deepEqual(
      (await ledger.read.collaborators.list(appId)).map(each => each.account.email),
      [ann.email],
    )
    assert.deepEqual(
      (await ledger.read.apps.ofAccount(ann.id)).map(app => app.name),
      ['sushi'],
    )
    await assert.rejects(
      addCollaborator(ledger, by, appId, 'nobody@example.com'),
      /No account with the e-mail/,
    )
    await assert.rejects(addCollaborator(ledger, by, appId, by.email), /owns the app already/)
    await removeCollaborator(ledger, by, appId, ann.email)
    assert.equal(await ledger.read.collaborators.includes(appId, ann.id), false)
    assert.deepEqual(await ledger.read.apps.ofAccount(ann.id), [])
  })

  it('apps: change by themselves, without a release, and every action raises the revision', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const before = await ledger.read.apps.byId(appId)
    const update = { name: 'ramen', maintenance: true, settings: { bootTimeout: 5, startGrace: 6 } }
    const after = await updateApp(ledger, by, appId, update)
    assert.deepEqual([after.name, after.maintenance, after.settings], ['ramen', true, update.settings])
    assert.ok(after.revision > (before?.revision ?? 0))
    const again = await updateApp(ledger, by, appId, { settings: { bootTimeout: null } })
    assert.deepEqual(again.settings, { startGrace: 6 })
    assert.equal((await updateApp(ledger, by, appId, { buildStack: 'container' })).buildStack, 'container')
    assert.equal((await scene.releases()).length, 1)
  })

  it('buildpacks and builds: the list is in order, a build keeps the one it began with, and ends once', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const packs = ['b', 'a'].map(name => ({ url: `tidemark/${name}`, name }))
    assert.deepEqual(await setBuildpacks(ledger, by, appId, packs), packs)
    const [one, two] = [await scene.startBuild('1'), await scene.startBuild('2')]
    await setBuildpacks(ledger, by, appId, [])
    assert.deepEqual(one.buildpacks, packs)
    assert.deepEqual(
      (await ledger.read.builds.queue(appId)).map(each => each.id),
      [one.id, two.id],
    )
    assert.equal((await failBuild(ledger, appId, one.id, 'cancelled')).status, 'failed')
    assert.equal((await failBuild(ledger, appId, one.id, 'again')).reason, 'cancelled')
    assert.deepEqual(
      (await ledger.read.builds.pending()).map(each => each.id),
      [two.id],
    )
    assert.deepEqual(
      (await ledger.read.builds.list(appId, 10)).map(each => each.version),
      ['2', '1'],
    )
    await assert.rejects(failBuild(ledger, appId, randomUUID(), 'x'), { id: 'not_found' })
  })

  it('builds: what one made runs on the stack it was built for, whatever the app was set to meanwhile', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const build = await scene.startBuild()
    await claimBuild(ledger, appId, build.id)
    await updateApp(ledger, by, appId, { buildStack: CONTAINER_STACK })
    const { artifactId } = await finishBuild(ledger, appId, build.id, {
      ...{ digest: 'sha256:0', size: 1, processTypes: { web: 'x' }, stack: DEFAULT_STACK },
      ...{ buildpacks: [], buildpackDescription: 'Node.js' },
    })
    assert.equal((await ledger.read.artifacts.byId(artifactId ?? ''))?.stack, DEFAULT_STACK)
  })

  it('uploads: a slug is for a stack that has a system for it', async () => {
    await using scene = await Scene.open(under)
    const details = {
      ...{ stack: CONTAINER_STACK, processTypes: { web: 'x' }, checksum: null },
      ...{ commit: null, commitDescription: null, buildpackDescription: null },
    }
    const open = (kind: 'slug' | 'oci-image') =>
      openUpload(scene.ledger, scene.by, scene.appId, { kind, details })
    await assert.rejects(open('slug'), /A slug holds no system of its own/)
    assert.ok(await open('oci-image'))
  })

  it('formation: begins with the first code, follows the Procfile, and keeps its quantities', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    await assert.rejects(scale(ledger, by, appId, [{ type: 'web', quantity: 1 }]), /has no code yet/)
    await scene.deployed({ web: 'x', worker: 'y', release: 'z' })
    const shown = async () =>
      (await ledger.read.formations.list(appId)).map(row => `${row.type}=${row.quantity}`)
    assert.deepEqual(await shown(), ['web=1', 'worker=0'])
    await scale(ledger, by, appId, [{ type: 'worker', quantity: '+2', size: 'eco' }])
    await scene.deployed({ worker: 'y', clock: 'c' })
    assert.deepEqual(await shown(), ['clock=0', 'worker=2'])
    await assert.rejects(scale(ledger, by, appId, [{ type: 'web', quantity: 1 }]), /declares: clock, worker/)
    assert.equal((await scene.releases()).length, 3)
    const second = await scene.release(2)
    await scene.succeed(await rollback(ledger, by, appId, { releaseId: second.id }))
    assert.deepEqual(await shown(), ['web=1', 'worker=2'], 'a rollback to a release with web serves again')
  })

  it('places: a stopped dyno stays down until its place is restarted or its type scaled', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    await scene.deployed()
    await scale(ledger, by, appId, [{ type: 'web', quantity: 2 }])
    const stopped = async () =>
      (await ledger.read.slots.list(appId)).filter(slot => slot.isStopped).map(slot => slot.name)
    await stopDynos(ledger, by, appId, { name: 'web.1' })
    assert.deepEqual(await stopped(), ['web.1'])
    await restartDynos(ledger, by, appId, { name: 'web.1' })
    assert.deepEqual(await stopped(), [])
    await stopDynos(ledger, by, appId, { type: 'web' })
    assert.deepEqual((await stopped()).toSorted(), ['web.1', 'web.2'])
    await restartDynos(ledger, by, appId, { all: true })
    assert.deepEqual(await stopped(), [])
    await stopDynos(ledger, by, appId, { name: 'web.2' })
    await scale(ledger, by, appId, [{ type: 'web', quantity: 3 }])
    assert.deepEqual(await stopped(), [], 'as stopDynos promises')
    await assert.rejects(stopDynos(ledger, by, appId, { name: 'web.9' }), { id: 'not_found' })
    await assert.rejects(restartDynos(ledger, by, appId, { type: 'clock' }), { id: 'not_found' })
  })

  it('places: one that was scaled away and comes back is another dyno than before', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    await scene.deployed()
    const epoch = async () =>
      (await ledger.read.slots.list(appId)).find(slot => slot.name === 'web.1')?.epoch ?? 0
    const before = await epoch()
    await scale(ledger, by, appId, [{ type: 'web', quantity: 0 }])
    await scale(ledger, by, appId, [{ type: 'web', quantity: 1 }])
    assert.ok((await epoch()) > before)
  })

  it('dynos: what was seen is shown and remembered; a crash of a place restarted since is not counted', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const release = await scene.deployed()
    const dyno = {
      id: randomUUID(),
      appId,
      releaseId: release.id,
      kind: 'formation',
      type: 'web',
      number: 1,
      name: 'web.1',
      command: 'x',
      size: 'Basic',
      state: 'starting',
    } as const
    const nothing = { appeared: [], changed: [], gone: [], crashed: [] }
    await recordDynos(ledger, appId, { ...nothing, appeared: [dyno] })
    await recordDynos(ledger, appId, {
      ...nothing,
      appeared: [dyno],
      changed: [{ id: dyno.id, state: 'up', exitStatus: null }],
    })
    const [shown] = await ledger.read.dynos.list(appId)
    assert.deepEqual([shown?.state, shown?.releaseVersion], ['up', 2])
    assert.deepEqual(await ledger.read.dynos.apps(), [appId])

    const crash: Slot = {
      name: 'web.1',
      epoch: 0,
      isStopped: false,
      releaseId: release.id,
      crashes: 1,
      crashedAt: 5,
    }
    await recordDynos(ledger, appId, { ...nothing, crashed: [crash] })
    assert.deepEqual(await ledger.read.slots.list(appId), [crash])
    await restartDynos(ledger, by, appId, { name: 'web.1' })
    await recordDynos(ledger, appId, { ...nothing, crashed: [{ ...crash, crashes: 2 }], gone: [dyno.id] })
    assert.equal((await ledger.read.slots.list(appId))[0]?.crashes, 0)
    assert.deepEqual(await ledger.read.dynos.list(appId), [])
  })

  it('dynos: a one-off runs on the current release and can be told to stop', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by, appId } = scene
    const run = (command: string) => runDyno(ledger, by, appId, { command, environment: { A: '1' } })
    await assert.rejects(run('bash'), { id: 'conflict' })
    await scene.deployed({ web: 'x', worker: 'node w.js' })
    const dyno = await run('worker 42')
    assert.deepEqual([dyno.command, dyno.kind, dyno.releaseVersion], ['node w.js 42', 'run', 2])
    assert.match(dyno.name, /^run\.\d{4}$/)
    await stopDynos(ledger, by, appId, { name: dyno.name })
    assert.deepEqual(
      (await ledger.read.dynos.oneOffs(appId)).map(each => each.isStopAsked),
      [true],
    )
    await assert.rejects(run(' '), /No command was given/)
  })

  it('sources: are known until they are old', async () => {
    await using scene = await Scene.open(under)
    const { ledger } = scene
    const id = await createSource(ledger, scene.by, scene.appId)
    assert.equal((await ledger.read.sources.byId(id))?.receivedAt, null)
    await receiveSource(ledger, id)
    const source = await ledger.read.sources.byId(id)
    assert.ok(source?.receivedAt)
    const forget = (before: number) => ledger.transactPlatform(tx => tx.sources.deleteOlder(before))
    assert.deepEqual(await forget(source.createdAt), [])
    assert.deepEqual(await forget(source.createdAt + 1), [id])
    assert.equal(await ledger.read.sources.byId(id), undefined)
  })

  it('answers: the first one is kept, until it is old', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by } = scene
    const answer = {
      accountId: by.id,
      requestId: 'q',
      fingerprint: 'f',
      status: 201,
      headers: { etag: 'x' },
      body: '{}',
    }
    await ledger.transactPlatform(tx => tx.answers.insert([answer]))
    await ledger.transactPlatform(tx => tx.answers.insert([{ ...answer, body: 'other' }]))
    assert.deepEqual(await ledger.read.answers.find(by.id, 'q', 'f'), answer)
    assert.equal(await ledger.read.answers.find(by.id, 'q', 'g'), undefined)
    await ledger.transactPlatform(tx => tx.answers.deleteOlder(tx.now + 1))
    assert.equal(await ledger.read.answers.find(by.id, 'q', 'f'), undefined)
  })

  it('artifacts: are alive by their digest until the last of them is destroyed', async () => {
    await using scene = await Scene.open(under)
    const release = await scene.deployed()
    const artifact = await scene.ledger.read.artifacts.byId(release.artifactId ?? '')
    assert.ok(artifact)
    assert.deepEqual(artifact.processTypes, { web: 'node server.js' })
    assert.deepEqual(await scene.ledger.read.artifacts.ofApp(scene.appId), [artifact])
    const { id: _, createdAt: _at, deletedAt: _deleted, ...draft } = artifact
    const second = await scene.ledger.transact(scene.appId, tx => tx.artifacts.insert(draft))
    assert.equal(second.digest, artifact.digest)
    assert.ok(await scene.ledger.read.artifacts.isDigestAlive(artifact.digest))
    await scene.ledger.transact(scene.appId, tx => tx.artifacts.markAppDeleted(scene.appId))
    assert.ok(!(await scene.ledger.read.artifacts.isDigestAlive(artifact.digest)))
    assert.notEqual((await scene.release(2)).artifactDeletedAt, null)
  })

  it('releases: are listed by range, and found by what they are', async () => {
    await using scene = await Scene.open(under)
    const { releases } = scene.ledger.read
    for (const value of ['1', '2', '3']) await scene.set({ A: value })
    const deploy = await scene.deployed()
    const versions = async (range: Parameters<typeof releases.list>[1]) =>
      (await releases.list(scene.appId, range)).map(each => each.version)
    assert.deepEqual(await versions({ order: 'desc', limit: 2 }), [5, 4])
    assert.deepEqual(await versions({ from: 2, to: 3, order: 'asc', limit: 10 }), [2, 3])
    await scene.set({ A: '4' })
    assert.equal((await releases.lastDeploy(scene.appId, 6))?.id, deploy.id)
    assert.equal(await releases.lastDeploy(scene.appId, 4), undefined)
    assert.equal((await releases.byId(scene.appId, deploy.id))?.version, 5)
    assert.equal(await releases.byId(randomUUID(), deploy.id), undefined, 'not through another app')
    assert.deepEqual(await releases.appsAlive(), [scene.appId])
    assert.deepEqual(
      (await releases.pending(scene.appId)).map(each => each.version),
      [6],
    )
  })
}
