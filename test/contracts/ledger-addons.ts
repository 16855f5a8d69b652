import assert from 'node:assert/strict'
import { it } from 'node:test'
import { attachAddon } from '../../src/actions/attach-addon.ts'
import { changeAddonPlan, finishPlanChange } from '../../src/actions/change-addon-plan.ts'
import { destroyAddon } from '../../src/actions/destroy-addon.ts'
import { destroyApp } from '../../src/actions/destroy-app.ts'
import { detachAddon } from '../../src/actions/detach-addon.ts'
import {
  completeProvisioning,
  failProvisioning,
  finishProvisioning,
} from '../../src/actions/finish-provisioning.ts'
import { finishRemoval } from '../../src/actions/finish-removal.ts'
import { reconcileAddons } from '../../src/actions/reconcile-addons.ts'
import { rollback } from '../../src/actions/rollback.ts'
import { updateAddonConfig } from '../../src/actions/update-addon-config.ts'
import { attached } from '../../src/core/attachment.ts'
import { AddonScene, STORE } from './ledger-addon-scene.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

const WEB = { web: 'node server.js' }

/** Add-ons are changed by releases, and their changes are neither lost nor done by halves. */
export function addonsContract(under: LedgerUnderTest): void {
  const test = (name: string, work: (addons: AddonScene, scene: Scene) => Promise<void>) =>
    it(name, async () => {
      await using scene = await Scene.open(under)
      await work(new AddonScene(scene), scene)
    })

  test('an add-on that is made is two releases, and one restart', async (addons, scene) => {
    await scene.deployed(WEB)
    const addon = await addons.create()
    assert.deepEqual(
      await addons.history(),
      ['v1 succeeded Initial release', 'v2 succeeded Deploy'],
      'none before it is there',
    )
    await addons.provisioned(addon)
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.version, 4)
    assert.deepEqual(await addons.config(), { STORE_URL: 'store://1' })
    await addons.roll()
    assert.deepEqual((await addons.history()).slice(2), [
      'v3 succeeded Attach STORE (@ref:store-1)',
      'v4 succeeded @ref:store-1 completed provisioning, setting STORE_URL.',
    ])
    const [attach, complete] = [await scene.release(3), await scene.release(4)]
    assert.deepEqual([attach.current, complete.current], [false, true])
    assert.deepEqual(
      [await scene.config(attach), await scene.config(complete)],
      [{}, { STORE_URL: 'store://1' }],
    )
    assert.equal((await scene.ledger.read.releases.lastRun(scene.appId, 4))?.version, 2, 'v3 never ran')
  })

  test('where the completion fails, the attachment still has its turn, and reconciling brings the config vars', async (addons, scene) => {
    await scene.deployed(WEB)
    await addons.made()
    await addons.roll('failed')
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.version, 3)
    await addons.roll()
    assert.deepEqual(
      (await addons.history()).map(line => line.split(' ', 2)[1]),
      ['succeeded', 'succeeded', 'succeeded', 'failed'],
    )
    assert.deepEqual([await addons.links(), await addons.config()], [['STORE'], {}])
    const release = await reconcileAddons(scene.ledger, scene.by, scene.appId)
    assert.equal(release.description, 'Reconcile add-on config vars')
    assert.deepEqual(await addons.config(), { STORE_URL: 'store://1' })
    await addons.roll()
    assert.equal(
      (await reconcileAddons(scene.ledger, scene.by, scene.appId)).version,
      release.version,
      'and then nothing',
    )
  })

  test('both wait behind what rolls out, and an attachment superseded by a rollback is made again', async (addons, scene) => {
    await scene.deployed(WEB)
    await scene.set({ A: '1' })
    await addons.made()
    assert.equal((await scene.ledger.read.releases.rolling(scene.appId))?.version, 3)
    const target = await scene.release(2)
    await rollback(scene.ledger, scene.by, scene.appId, { releaseId: target.id })
    await addons.roll()
    assert.deepEqual(await addons.links(), [])
    await reconcileAddons(scene.ledger, scene.by, scene.appId)
    assert.deepEqual([await addons.links(), await addons.config()], [['STORE'], { STORE_URL: 'store://1' }])
  })

  test('what could not be made leaves no release, no config var and no name taken', async (addons, scene) => {
    const addon = await addons.create({ as: 'LEDGER' })
    await failProvisioning(scene.ledger, addon, 'Its provider is full.')
    const seen = await addons.seen(addon)
    assert.deepEqual([seen.state, seen.reason], ['deprovisioning', 'Its provider is full.'])
    assert.deepEqual(await addons.history(), ['v1 succeeded Initial release'])
    await finishRemoval(scene.ledger, addon)
    await addons.made({ as: 'LEDGER' })
    assert.deepEqual(await addons.config(), { LEDGER_URL: 'store://1' })
  })

  test('a provider that goes on by itself: attached first, complete when it says so, whichever comes first', async (addons, scene) => {
    const { ledger, by } = scene
    const addon = await addons.create()
    const accepted = { providerId: '17', config: null, message: 'soon' }
    await finishProvisioning(ledger, addon, accepted)
    await finishProvisioning(ledger, addon, accepted)
    assert.equal((await addons.history()).length, 2)
    await updateAddonConfig(ledger, addon, by, { STORE_URL: 'store://2' })
    assert.equal((await addons.history()).length, 2, 'no release before it is there')
    await completeProvisioning(ledger, addon, by)
    await completeProvisioning(ledger, addon, by)
    assert.equal(
      (await addons.history()).at(-1),
      'v3 succeeded @ref:store-1 completed provisioning, setting STORE_URL.',
    )

    const early = await addons.create({ name: 'store-2' })
    await updateAddonConfig(ledger, early, by, { STORE_URL: 'store://3' })
    await completeProvisioning(ledger, early, by)
    await finishProvisioning(ledger, early, { ...accepted, providerId: '18' })
    assert.equal((await addons.seen(early)).providerId, '18')
    assert.equal((await addons.history()).length, 5)
  })

  test('given up after it was accepted: it is detached again', async (addons, scene) => {
    const addon = await addons.create()
    await finishProvisioning(scene.ledger, addon, { providerId: '17', config: null, message: null })
    await failProvisioning(scene.ledger, addon, 'too late')
    assert.equal((await addons.history()).at(-1), 'v3 succeeded Detach STORE (@ref:store-1)')
    assert.deepEqual([await addons.links(), await addons.config()], [[], {}])
  })

  test('of several who create one of the same name, or as the same, at once, one does', async addons => {
    const tries = await Promise.allSettled([1, 2, 3].map(() => addons.create({ as: 'LEDGER' })))
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    const names = await Promise.allSettled(
      [1, 2, 3].map(number => addons.create({ as: `L${number}`, name: 'store-9' })),
    )
    assert.equal(names.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('the same request makes one add-on', async addons => {
    const [first, second] = [await addons.create({ requestId: 'r' }), await addons.create({ requestId: 'r' })]
    assert.equal(first.id, second.id)
  })

  test('attached again under another name, and to another app; its provider is told of by a release each', async (addons, scene) => {
    const { ledger, by, appId } = scene
    const addon = await addons.made()
    const other = await addons.shared(addon)
    await attachAddon(ledger, by, appId, { addonId: addon.id, service: STORE, as: 'COPY', random: () => 0 })
    assert.deepEqual(await addons.config(), { COPY_URL: 'store://1', STORE_URL: 'store://1' })
    const again = await attachAddon(ledger, by, appId, {
      addonId: addon.id,
      service: STORE,
      as: 'COPY',
      random: () => 0,
    })
    assert.equal(again.release.version, 4, 'attaching what is attached changes nothing')
    await updateAddonConfig(ledger, addon, by, { STORE_URL: 'store://2' })
    assert.deepEqual(await addons.config(other), { STORE_URL: 'store://1' })
    await addons.spread()
    await addons.spread()
    assert.deepEqual(await addons.config(other), { STORE_URL: 'store://2' })
    assert.equal((await addons.history()).at(-1), 'v5 succeeded Update STORE, COPY by store')
    assert.equal((await addons.history(other)).at(-1), 'v3 succeeded Update STORE by store')
    await updateAddonConfig(ledger, addon, by, { STORE_URL: 'store://2' })
    await addons.spread()
    assert.equal((await addons.history(other)).length, 3, 'the same again is no release')
  })

  test('a change of plan is a release of every app it is attached to, and a refused one is none', async (addons, scene) => {
    const { ledger, by } = scene
    const addon = await addons.made()
    const other = await addons.shared(addon)
    await changeAddonPlan(ledger, by, addon, 'large')
    await finishPlanChange(ledger, await addons.seen(addon), { plan: 'large', config: null, message: null })
    await addons.spread()
    for (const appId of [scene.appId, other])
      assert.match((await addons.history(appId)).at(-1) ?? '', /Change plan of store-1 to store:large$/)
    assert.deepEqual((await addons.head()).attachments[0]?.addon.plan, 'large')
    await changeAddonPlan(ledger, by, addon, 'mini')
    await finishPlanChange(ledger, await addons.seen(addon), { refused: 'No smaller plan.' })
    const seen = await addons.seen(addon)
    assert.deepEqual([seen.plan, seen.wantedPlan, seen.reason], ['large', null, 'No smaller plan.'])
  })

  test('detached; but the last one on the app it belongs to stays', async (addons, scene) => {
    const { ledger, by, appId } = scene
    const addon = await addons.made()
    const last = attached(await addons.head())[0]?.id ?? ''
    await assert.rejects(
      detachAddon(ledger, by, appId, { attachmentId: last }),
      /Cannot destroy last attachment to billing app/,
    )
    const { attachment } = await attachAddon(ledger, by, appId, {
      addonId: addon.id,
      service: STORE,
      as: 'COPY',
      random: () => 0,
    })
    await detachAddon(ledger, by, appId, { attachmentId: last })
    assert.equal((await addons.history()).at(-1), 'v5 succeeded Detach STORE (@ref:store-1)')
    assert.deepEqual(
      [await addons.links(), await addons.config()],
      [[attachment.name], { COPY_URL: 'store://1' }],
    )
  })

  test('what is there is replaced only by whoever says so', async (addons, scene) => {
    const { ledger, by, appId } = scene
    await scene.set({ LEDGER_URL: 'by hand' })
    const refusal = { id: 'confirmation_required' }
    await assert.rejects(addons.create({ as: 'LEDGER' }), refusal)
    await assert.rejects(addons.create({ as: 'LEDGER', confirm: 'ramen' }), refusal)
    const first = await addons.made({ as: 'LEDGER', confirm: 'sushi' })
    const second = await addons.made({ name: 'store-2' })
    const attach = (confirm?: string) =>
      attachAddon(ledger, by, appId, {
        addonId: second.id,
        service: STORE,
        as: 'LEDGER',
        confirm,
        random: () => 0,
      })
    await assert.rejects(attach(), { ...refusal, message: /LEDGER is the attachment of store-1/ })
    await attach('sushi')
    assert.deepEqual(
      attached(await addons.head()).map(({ name, addon }) => [name, addon.id]),
      [
        ['STORE', second.id],
        ['LEDGER', second.id],
      ],
    )
    assert.deepEqual(
      (await ledger.read.addons.ofApp(appId)).map(({ id }) => id).sort(),
      [first.id, second.id].sort(),
    )
    await assert.rejects(scene.set({ LEDGER_URL: 'x' }), /Cannot overwrite attachment values LEDGER_URL/)
    await assert.rejects(scene.set({ LEDGER_URL: null, A: '1' }), /Cannot overwrite attachment values/)
  })

  test('destroyed: every app is told, its config vars are gone, and of what it held nothing is left to read', async (addons, scene) => {
    const { ledger, by } = scene
    const addon = await addons.made()
    const other = await addons.shared(addon)
    await assert.rejects(destroyAddon(ledger, by, addon), /is attached to other apps as well: ramen/)
    await destroyAddon(ledger, by, addon, { isForced: true })
    await destroyAddon(ledger, by, addon, { isForced: true })
    await addons.spread()
    await finishRemoval(ledger, addon)
    for (const appId of [scene.appId, other]) {
      assert.match((await addons.history(appId)).at(-1) ?? '', /Detach STORE \(@ref:store-1\)$/)
      assert.deepEqual(await addons.config(appId), {})
    }
    assert.equal(await ledger.read.addons.config(addon.id), undefined)
    assert.equal((await addons.seen(addon)).state, 'deprovisioned')
    await addons.made({ name: 'store-1' })
  })

  test('destroyed while it is being made: what its provider answers later counts for nothing', async (addons, scene) => {
    const addon = await addons.create()
    await destroyAddon(scene.ledger, scene.by, addon)
    await addons.provisioned(addon)
    assert.equal((await addons.seen(addon)).state, 'deprovisioning')
    assert.deepEqual(await addons.history(), ['v1 succeeded Initial release'])
  })

  test('destroyed with its app: other apps are told, and it is still to be taken away', async (addons, scene) => {
    const addon = await addons.made()
    const other = await addons.shared(addon)
    await destroyApp(scene.ledger, scene.by, scene.appId)
    assert.deepEqual(
      (await scene.ledger.read.addons.atWork()).map(({ id }) => id),
      [addon.id],
    )
    await addons.spread()
    assert.deepEqual(await addons.config(other), {})
    await finishRemoval(scene.ledger, addon)
    assert.deepEqual(await scene.ledger.read.addons.atWork(), [])
  })

  test('a rollback brings back config vars of add-ons, and touches no add-on', async (addons, scene) => {
    const { ledger, by, appId } = scene
    await scene.deployed(WEB)
    const addon = await addons.made()
    await addons.roll()
    const gone = await addons.made({ name: 'store-2', as: 'CACHE' })
    await addons.roll()
    const target = await addons.head()
    await updateAddonConfig(ledger, addon, by, { STORE_URL: 'store://new' })
    await addons.roll()
    await destroyAddon(ledger, by, gone)
    await addons.roll()
    await rollback(ledger, by, appId, { releaseId: target.id })
    await addons.roll()
    assert.deepEqual(await addons.config(), { CACHE_URL: 'store://1', STORE_URL: 'store://1' })
    assert.deepEqual(await addons.links(), ['STORE'], 'what was destroyed is not attached')
    assert.deepEqual(
      [(await addons.seen(addon)).state, (await addons.seen(gone)).state],
      ['provisioned', 'deprovisioning'],
    )
    await scene.set({ A: '1' })
    await addons.roll()
    await reconcileAddons(ledger, by, appId)
    await addons.roll()
    assert.deepEqual(await addons.config(), { A: '1', STORE_URL: 'store://new' })
    await rollback(ledger, by, appId, { releaseId: target.id, keepsAddonConfig: true })
    assert.deepEqual(await addons.config(), { STORE_URL: 'store://new' })
  })

  test('a config var that came back without its add-on is a person’s to set, and then stays', async (addons, scene) => {
    const { ledger, by, appId } = scene
    await scene.deployed(WEB)
    const addon = await addons.made()
    await addons.roll()
    const target = await addons.head()
    await destroyAddon(ledger, by, addon)
    await addons.roll()
    await rollback(ledger, by, appId, { releaseId: target.id })
    await addons.roll()
    await scene.set({ STORE_URL: 'my own' })
    await addons.roll()
    await reconcileAddons(ledger, by, appId)
    assert.deepEqual(await addons.config(), { STORE_URL: 'my own' })
  })

  test('keeps what a provider gives under its seal', async (addons, scene) => {
    await scene.deployed(WEB)
    await addons.provisioned(await addons.create({ as: 'LEDGER' }), 'store://hidden-from-everybody')
    const bytes = await under.everything(scene.place)
    assert.ok(bytes.includes('store-1'), 'the name can be read')
    assert.ok(!bytes.includes('hidden-from-everybody'))
  })
}
