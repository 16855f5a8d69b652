import assert from 'node:assert/strict'
import type { Route, Routing } from '../../src/runtime/routing.ts'
import type { SimulatedDriver } from './driver.ts'

/** A router that looks at every route it is given. It outlives the control plane. */
export class SimulatedRouter implements Routing {
  readonly #driver: SimulatedDriver
  #dynoIds: readonly string[] = []

  constructor(driver: SimulatedDriver) {
    this.#driver = driver
  }

  get dynoIds(): readonly string[] {
    return this.#dynoIds
  }

  route(route: Pick<Route, 'targets'>): void {
    const dynos = route.targets.map(({ dynoId }) => this.#driver.get(dynoId))
    for (const dyno of dynos) {
      assert.ok(dyno, 'traffic goes to dynos that are there')
      assert.equal(dyno.type, 'web')
      assert.ok(
        dyno.isListening && dyno.state === 'running',
        `traffic goes to ${dyno.name}, which is not ready`,
      )
    }
    assert.ok(new Set(dynos.map(dyno => dyno?.releaseId)).size <= 1, 'traffic goes to two releases at once')
    this.#dynoIds = route.targets.map(target => target.dynoId)
  }

  remove(): void {
    this.#dynoIds = []
  }

  async applied(): Promise<void> {}

  async drained(dynoId: string): Promise<void> {
    assert.ok(!this.#dynoIds.includes(dynoId), 'what is drained gets no traffic')
  }
}
