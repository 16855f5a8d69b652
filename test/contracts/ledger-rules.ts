import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAccount } from '../../src/actions/accounts.ts'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { createApp } from '../../src/actions/create-app.ts'
import { destroyApp } from '../../src/actions/destroy-app.ts'
import { updateApp } from '../../src/actions/update-app.ts'
import type { ReleaseRow } from '../../src/ledger/release-writer.ts'
import { type LedgerUnderTest, raw } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const SOMEBODY_ELSE = { id: 'conflict', message: /^Somebody else changed this app at the same moment/ }

/** What no release may become, once its turn has come. */
const RELEASE_CHANGES = {
  version: '9',
  description: `'another'`,
  artifact_id: 'null',
  config_id: '(select config_id from releases where version = 1)',
  addon_plan_names: `'[1]'`,
  attachments: `'[1]'`,
  turn_at: 'null',
  created_at: '1',
  kind: `'rollback'`,
  account_id: `'nobody'`,
  request_id: `'forged'`,
  succeeded_at: '1',
}

const ARTIFACT_CHANGES = {
  digest: `'sha256:forged'`,
  size: '1',
  process_types: `'{}'`,
  commit_hash: `'forged'`,
  commit_description: `'forged'`,
}

const BACKWARD = {
  succeeded: ['pending', 'failed'],
  failed: ['pending', 'succeeded'],
  expired: ['pending', 'succeeded', 'failed'],
  pending: ['expired'],
}

/** What the database itself refuses, whoever asks. */
export function rulesContract(under: LedgerUnderTest): void {
  it('refuses to change anything of a release but its status', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ A: '1' })
    await scene.deployed()
    for (const [column, value] of Object.entries(RELEASE_CHANGES)) {
      const update = raw(scene.place, `update releases set ${column} = ${value} where version = 3`)
      await assert.rejects(update, /A release( whose turn has come)? does not change/, column)
    }
  })

  it('refuses to change an artifact, or to bring a destroyed one back', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    for (const [column, value] of Object.entries(ARTIFACT_CHANGES)) {
      const update = raw(scene.place, `update artifacts set ${column} = ${value}`)
      await assert.rejects(update, /An artifact does not change/, column)
    }
    await raw(scene.place, 'update artifacts set deleted_at = 1')
    const back = raw(scene.place, 'update artifacts set deleted_at = null')
    await assert.rejects(back, /A destroyed artifact does not come back/)
  })

  it('refuses to delete what the ledger consists of', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    for (const table of ['releases', 'config_snapshots', 'artifacts', 'apps']) {
      await assert.rejects(raw(scene.place, `delete from ${table}`), /never deleted/, table)
    }
  })

  for (const [from, all] of Object.entries(BACKWARD)) {
    it(`refuses to move a release from ${from} to ${all.join(' or ')}`, async () => {
      await using scene = await Scene.open(under)
      const release = await scene.deploy()
      if (from === 'succeeded') await scene.succeed(release)
      if (from === 'failed' || from === 'expired') await scene.fail(release)
      if (from === 'expired')
        await raw(scene.place, `update releases set status = 'expired' where id = '${release.id}'`)
      for (const to of all) {
        const update = raw(
          scene.place,
          `update releases set status = '${to}', current = 0 where id = '${release.id}'`,
        )
        await assert.rejects(update, /status of a release only moves forward/, to)
      }
    })
  }

  it('refuses to change a config snapshot, or to bring a destroyed one back', async () => {
    await using scene = await Scene.open(under)
    await scene.set({ A: '1' })
    const other = `(select sealed from config_snapshots order by created_at desc limit 1)`
    const forge = `update config_snapshots set sealed = ${other} where id = (select config_id from releases where version = 1)`
    await assert.rejects(raw(scene.place, forge), /A config snapshot does not change/)
    await assert.rejects(
      raw(scene.place, `update config_snapshots set sealed = null, created_at = 1`),
      /does not change/,
    )
    await destroyApp(scene.ledger, scene.by, scene.appId)
    const zero = 'substr(sealed, 1, 0)'
    assert.deepEqual(
      await raw(scene.place, `select ${zero} from config_snapshots where sealed is not null`),
      [],
    )
    await assert.rejects(raw(scene.place, `update config_snapshots set sealed = ''`), /does not change/)
  })

  it('refuses a second current release, and one that is current without having succeeded', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    await assert.rejects(
      raw(scene.place, `update releases set current = 1 where version = 1`),
      /releases|one_current/i,
    )
    await scene.set({ A: '1' })
    await raw(scene.place, `update releases set current = 0`)
    await assert.rejects(raw(scene.place, `update releases set current = 1 where version = 3`), /check/i)
  })

  it('says in a sentence that a version, a rollout or a request was taken by somebody else', async () => {
    await using scene = await Scene.open(under)
    await scene.deployed()
    await scene.set({ A: '1' }, 'q1')
    const insert = (changes: Partial<ReleaseRow>) =>
      scene.ledger.transact(scene.appId, async tx => {
        const row: ReleaseRow = {
          appId: scene.appId,
          version: 4,
          kind: 'config',
          description: 'Config add A',
          artifactId: null,
          configId: (await scene.releaseIn(tx, 1)).configId,
          attachments: [],
          accountId: scene.by.id,
          requestId: null,
          waitingChange: { kind: 'config', patch: {} },
        }
        await tx.releases.insert({ ...row, ...changes })
      })
    await assert.rejects(insert({ version: 3 }), SOMEBODY_ELSE)
    await assert.rejects(insert({ waitingChange: null }), SOMEBODY_ELSE)
    await assert.rejects(insert({ requestId: 'q1' }), SOMEBODY_ELSE)
    await insert({})
  })

  it('runs one build of an app at a time, in the order they were asked for', async () => {
    await using scene = await Scene.open(under)
    const [first, second] = [await scene.startBuild(), await scene.startBuild()]
    assert.equal(await claimBuild(scene.ledger, scene.appId, second.id), undefined, 'it has to wait')
    const claims = await Promise.all([1, 2, 3].map(() => claimBuild(scene.ledger, scene.appId, first.id)))
    assert.equal(claims.filter(claim => claim !== undefined).length, 1, 'one of three who ask gets it')
    const force = scene.ledger.transact(scene.appId, tx => tx.builds.start(second.id))
    await assert.rejects(force, SOMEBODY_ELSE)
  })

  it('gives a name to one app, and frees it when that is destroyed', async () => {
    await using scene = await Scene.open(under)
    const { ledger, by } = scene
    const taken = { id: 'invalid_params', message: 'Name sushi is already taken. Choose another one.' }
    await assert.rejects(createApp(ledger, by, { name: 'sushi', random: () => 0 }), taken)
    const other = await createApp(ledger, by, { name: 'ramen', random: () => 0 })
    await assert.rejects(updateApp(ledger, by, other.id, { name: 'sushi' }), taken)
    const past = ledger.transactPlatform(tx => tx.apps.insert({ name: 'sushi', ownerId: by.id, stack: 's' }))
    await assert.rejects(past, {
      id: 'invalid_params',
      message: 'Name is already taken. Choose another one.',
    })
    await destroyApp(ledger, by, scene.appId)
    assert.equal((await updateApp(ledger, by, other.id, { name: 'sushi' })).name, 'sushi')
  })

  it('gives an e-mail address to one account, however it is spelled', async () => {
    await using scene = await Scene.open(under)
    const again = createAccount(scene.ledger, { email: 'Jim@Example.com', isOwner: false })
    await assert.rejects(again, { id: 'invalid_params', message: /exists already/ })
    const past = scene.ledger.transactPlatform(tx =>
      tx.accounts.insert({ email: 'jim@example.com', name: null, passwordHash: null, isOwner: false }),
    )
    await assert.rejects(past, { id: 'invalid_params', message: /exists already/ })
  })

  it('does nothing at all when an action fails half-way', async () => {
    await using scene = await Scene.open(under)
    const before = await scene.ledger.read.apps.byId(scene.appId)
    const broken = scene.ledger.transact(scene.appId, async tx => {
      await tx.apps.update(scene.appId, { maintenance: true })
      await tx.configs.save(scene.appId, { A: '1' })
      throw new Error('half-way')
    })
    await assert.rejects(broken, /half-way/)
    assert.deepEqual(await scene.ledger.read.apps.byId(scene.appId), before)
    assert.equal((await raw(scene.place, `select id from config_snapshots`)).length, 1)
  })

  it('knows no app that was destroyed', async () => {
    await using scene = await Scene.open(under)
    await destroyApp(scene.ledger, scene.by, scene.appId)
    await assert.rejects(scene.set({ A: '1' }), { id: 'not_found' })
    assert.equal(await scene.ledger.read.apps.byName('sushi'), undefined)
    assert.deepEqual(
      (await scene.ledger.read.apps.archived()).map(app => app.name),
      ['sushi'],
    )
    assert.deepEqual(
      (await scene.releases()).map(each => each.description),
      ['Initial release'],
    )
  })
}
