import assert from 'node:assert/strict'
import { setTimeout as after } from 'node:timers/promises'
import type { Release } from '../../../src/client/shapes.ts'
import type { TestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import type { TestRepository } from '../repository.ts'
import { callUntilAnswered } from './persistent-call.ts'
import type { Seeded } from './seeded.ts'

type Work = 'config' | 'push' | 'rollback'

const PATIENCE = 300_000
const AHEAD = 4
/** Between two looks: the API answers an account only so often in an hour. */
const PAUSE = 250

/** Somebody who changes an app again and again, insists on an answer, and remembers what was promised. */
export class Developer {
  readonly #app: TestApp
  readonly #random: Seeded
  readonly #repository: TestRepository | undefined
  readonly #name: string
  #count = 0
  /** Config vars that were acknowledged. */
  readonly keys: string[] = []
  /** Commits whose push was accepted. */
  readonly commits: string[] = []
  /** Versions that rollbacks were answered with. */
  readonly rollbacks: number[] = []

  /** With a repository it pushes, too. `name` tells its config vars from those of others. */
  constructor(app: TestApp, options: { name: string; random: Seeded; repository?: TestRepository }) {
    this.#app = app
    this.#name = options.name
    this.#random = options.random
    this.#repository = options.repository
  }

  /** One thing after another until `signal` aborts; what was begun is brought to its end. */
  async work(signal: AbortSignal): Promise<void> {
    const choice: readonly Work[] = this.#repository ? ['config', 'push'] : ['config', 'config', 'rollback']
    while (!signal.aborted) {
      await this.#do(this.#random.pick(choice) ?? 'config')
      await this.#catchUp()
    }
  }

  /** A developer who is this far ahead of the platform waits for it. */
  async #catchUp(): Promise<void> {
    const few = async () => {
      await after(PAUSE)
      const pending = (await this.#ledger()).filter(({ status }) => status === 'pending')
      return pending.length < AHEAD || undefined
    }
    await eventually(`fewer than ${AHEAD} pending releases`, few, PATIENCE)
  }

  /** The server may be gone just now. */
  #ledger(): Promise<Release[]> {
    return eventually('the list of releases', () => this.#app.releases(), PATIENCE)
  }

  async #do(work: Work): Promise<void> {
    if (work === 'config') await this.setConfig()
    else if (work === 'push') await this.push()
    else await this.rollBack()
  }

  async setConfig(): Promise<void> {
    const count = ++this.#count
    const key = `KEY_${this.#name}_${count}`
    const body = { [key]: String(count) }
    const { status, body: said } = await callUntilAnswered(this.#app, {
      method: 'PATCH',
      path: '/config-vars',
      body,
    })
    assert.equal(status, 200, JSON.stringify(said))
    this.keys.push(key)
  }

  async rollBack(): Promise<void> {
    const target = this.#random.pick((await this.#ledger()).filter(release => release.eligible_for_rollback))
    const { status, body } = await callUntilAnswered(this.#app, {
      method: 'POST',
      path: '/releases',
      body: { release: target?.id },
    })
    // A sweep may have been faster: then one looks again.
    if (status === 422 && /has expired: /.test(body.message)) return this.rollBack()
    assert.equal(status, 201, JSON.stringify(body))
    this.rollbacks.push(body.version)
  }

  /** Pushes one commit until it is accepted. */
  async push(): Promise<void> {
    const repository = this.#repository
    assert.ok(repository)
    const count = ++this.#count
    await repository.write('version', `${count}\n`)
    const commit = await repository.commit(`Change ${count}`)
    await eventually(
      `the push of ${commit}`,
      async () => {
        const { status, stderr } = await repository.push(this.#app.platform, this.#app.name)
        if (status !== 0) throw new Error(stderr)
        return true
      },
      PATIENCE,
    )
    this.commits.push(commit)
  }
}
