import assert from 'node:assert/strict'
import { applyAddonChange } from '../../src/actions/apply-addon-change.ts'
import { attachAddon } from '../../src/actions/attach-addon.ts'
import { createAddon } from '../../src/actions/create-addon.ts'
import { createApp } from '../../src/actions/create-app.ts'
import { finishProvisioning } from '../../src/actions/finish-provisioning.ts'
import { finishRelease } from '../../src/actions/finish-release.ts'
import type { Addon } from '../../src/core/addon.ts'
import type { AddonService } from '../../src/core/addon-service.ts'
import { attached } from '../../src/core/attachment.ts'
import type { Release } from '../../src/core/release.ts'
import type { Scene } from './ledger-scene.ts'

const PLAN = { name: 'mini', humanName: 'Mini', description: '', cents: 0 }

export const STORE: AddonService = {
  name: 'store',
  aliases: [],
  humanName: 'Store',
  prefix: 'STORE',
  furtherPrefix: 'STORE',
  configVars: ['STORE_URL'],
  plans: [PLAN, { ...PLAN, name: 'large' }],
  supportsSharing: true,
  planAliases: {},
}

/** The few things that tests of add-ons do with a scene's app. */
export class AddonScene {
  readonly scene: Scene

  constructor(scene: Scene) {
    this.scene = scene
  }

  create(changes: Partial<Parameters<typeof createAddon>[3]> = {}): Promise<Addon> {
    const { ledger, by, appId } = this.scene
    const request = { service: STORE, plan: PLAN, options: {}, random: () => 0, ...changes }
    return createAddon(ledger, by, appId, { name: 'store-1', ...request })
  }

  /** Its provider has made it: `url` is what it gives. */
  async provisioned(addon: Addon, url = 'store://1'): Promise<Addon> {
    const answer = { providerId: '17', config: { STORE_URL: url }, message: null }
    await finishProvisioning(this.scene.ledger, addon, answer)
    return this.seen(addon)
  }

  async made(changes: Parameters<AddonScene['create']>[0] = {}): Promise<Addon> {
    return this.provisioned(await this.create(changes))
  }

  async seen({ id }: Pick<Addon, 'id'>): Promise<Addon> {
    const addon = await this.scene.ledger.read.addons.byId(id)
    assert.ok(addon)
    return addon
  }

  /** Another app that the add-on is attached to. */
  async shared(addon: Addon, name = 'ramen'): Promise<string> {
    const { ledger, by } = this.scene
    const app = await createApp(ledger, by, { name, random: () => 0 })
    await attachAddon(ledger, by, app.id, { addonId: addon.id, service: STORE, random: () => 0 })
    return app.id
  }

  /** What the worker does for the apps that a change of an add-on has not reached. */
  async spread(): Promise<void> {
    const { ledger } = this.scene
    for (const change of await ledger.read.addonChanges.list()) await applyAddonChange(ledger, change)
  }

  async head(appId = this.scene.appId): Promise<Release> {
    const head = await this.scene.ledger.read.releases.head(appId)
    assert.ok(head)
    return head
  }

  async config(appId = this.scene.appId): Promise<Record<string, string>> {
    return this.scene.config(await this.head(appId))
  }

  async links(appId = this.scene.appId): Promise<string[]> {
    return attached(await this.head(appId)).map(({ name }) => name)
  }

  /** `v3 succeeded Attach STORE (@ref:store-1)`, oldest first. */
  async history(appId = this.scene.appId): Promise<string[]> {
    const all = await this.scene.ledger.read.releases.list(appId, { order: 'asc', limit: 100 })
    return all.map(({ version, status, description }) => `v${version} ${status} ${description}`)
  }

  /** Lets the release that rolls out run. */
  async roll(outcome: 'succeeded' | 'failed' = 'succeeded', appId = this.scene.appId): Promise<void> {
    const rolling = await this.scene.ledger.read.releases.rolling(appId)
    assert.ok(rolling, 'a release rolls out')
    const reason = 'the release command exited with status 1'
    await finishRelease(
      this.scene.ledger,
      appId,
      rolling.id,
      outcome === 'failed' ? { status: 'failed', reason } : { status: 'succeeded' },
    )
  }
}
