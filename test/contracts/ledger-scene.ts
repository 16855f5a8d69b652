import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createAccount } from '../../src/actions/accounts.ts'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { createApp } from '../../src/actions/create-app.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { finishRelease } from '../../src/actions/finish-release.ts'
import { setConfigVars } from '../../src/actions/set-config-vars.ts'
import { startBuild } from '../../src/actions/start-build.ts'
import type { Account } from '../../src/core/account.ts'
import { DEFAULT_STACK } from '../../src/core/app.ts'
import type { Build } from '../../src/core/build.ts'
import type { ProcessTypes } from '../../src/core/procfile.ts'
import type { Release } from '../../src/core/release.ts'
import type { AppTransaction, Ledger } from '../../src/ledger/ledger.ts'
import { type LedgerUnderTest, openLedger, type Place } from './ledger-place.ts'

const WEB: ProcessTypes = { web: 'node server.js' }

/** A ledger with one account and one app, and the few things that most tests do with them. */
export class Scene implements AsyncDisposable {
  readonly place: Place
  readonly ledger: Ledger
  readonly by: Account
  readonly appId: string

  private constructor(place: Place, ledger: Ledger, by: Account, appId: string) {
    this.place = place
    this.ledger = ledger
    this.by = by
    this.appId = appId
  }

  static async open(under: LedgerUnderTest): Promise<Scene> {
    const place = await under.newPlace()
    const ledger = await openLedger(place)
    const by = await createAccount(ledger, { email: 'jim@example.com', isOwner: true })
    const app = await createApp(ledger, by, { name: 'sushi', random: () => 0 })
    return new Scene(place, ledger, by, app.id)
  }

  async set(patch: Record<string, string | null>, requestId?: string): Promise<Release> {
    const request = requestId === undefined ? { patch } : { patch, requestId }
    return (await setConfigVars(this.ledger, this.by, this.appId, request)).release
  }

  async startBuild(version: string | null = null): Promise<Build> {
    const draft = {
      source: { kind: 'git' as const, commit: 'c' },
      version,
      versionDescription: null,
      buildpacks: [],
    }
    return startBuild(this.ledger, this.by, this.appId, draft)
  }

  /** Builds and releases code; the release rolls out, or waits. */
  async deploy(types: ProcessTypes = WEB, version: string | null = null): Promise<Release> {
    const build = await this.startBuild(version)
    assert.ok(await claimBuild(this.ledger, this.appId, build.id))
    const digest = `sha256:${randomBytes(32).toString('hex')}`
    return finishBuild(this.ledger, this.appId, build.id, {
      ...{ digest, size: 10, processTypes: types, stack: DEFAULT_STACK },
      ...{ buildpacks: [], buildpackDescription: 'Node.js' },
    })
  }

  async deployed(types: ProcessTypes = WEB): Promise<Release> {
    return this.succeed(await this.deploy(types))
  }

  async succeed(release: Release): Promise<Release> {
    return this.#finished(await finishRelease(this.ledger, this.appId, release.id, { status: 'succeeded' }))
  }

  async fail(release: Release, reason = 'the release command exited with status 1'): Promise<Release> {
    return this.#finished(
      await finishRelease(this.ledger, this.appId, release.id, { status: 'failed', reason }),
    )
  }

  /** All releases, oldest first. */
  async releases(): Promise<Release[]> {
    return this.ledger.read.releases.list(this.appId, { order: 'asc', limit: 1000 })
  }

  async release(version: number): Promise<Release> {
    const release = await this.ledger.read.releases.byVersion(this.appId, version)
    assert.ok(release, `v${version} is there`)
    return release
  }

  async releaseIn(tx: AppTransaction, version: number): Promise<Release> {
    const release = await tx.releases.byVersion(this.appId, version)
    assert.ok(release, `v${version} is there`)
    return release
  }

  async config(release: Release): Promise<Record<string, string>> {
    return this.ledger.read.configs.load(release.configId)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.ledger.close()
  }

  #finished(release: Release | undefined): Release {
    assert.ok(release)
    return release
  }
}
