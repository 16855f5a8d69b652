import assert from 'node:assert/strict'
import { finishRelease } from '../../src/actions/finish-release.ts'
import { recordDynos } from '../../src/actions/record-dynos.ts'
import { replaceDyno } from '../../src/actions/replace-dyno.ts'
import { plan } from '../../src/core/rollout.ts'
import type { Step } from '../../src/core/step.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { type AppView, readDesired } from '../../src/runtime/desired.ts'
import { judged } from '../../src/runtime/fingerprint.ts'
import { Reconciler } from '../../src/runtime/reconciler.ts'
import { dynoSpec } from '../../src/runtime/spec.ts'
import type { SimulatedClock } from './clock.ts'
import type { SimulatedDriver } from './driver.ts'
import type { SimulatedRouter } from './router.ts'

export interface Machine {
  ledger: Ledger
  clock: SimulatedClock
  driver: SimulatedDriver
  router: SimulatedRouter
}

/** Whatever makes an app's dynos be what its ledger says. It may be dropped at any moment and begun anew. */
export interface ControlPlane {
  /** Does what there is to do. With a number, it is killed after so many steps. Returns whether anything was done. */
  run(appId: string, steps?: number): Promise<boolean>
}

/** Takes the steps of `plan` one by one and keeps nothing in memory: the policy by itself. */
export class PlanInterpreter implements ControlPlane {
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  async run(appId: string, steps = Number.POSITIVE_INFINITY): Promise<boolean> {
    let left = steps
    let hasActed = false
    for (let passes = 0; passes < 50; passes++) {
      const view = await readDesired(this.#machine.ledger, appId, {})
      if (!view) return hasActed
      const seen = judged(await this.#machine.driver.list(), view)
      const planned = plan(view.desired, seen, this.#machine.clock.now)
      const effects = planned.filter(step => step.do !== 'wait')
      for (const step of effects) {
        if (left-- <= 0) return hasActed
        await this.#take(step, view)
      }
      if (effects.every(step => step.do === 'route')) return hasActed
      hasActed = true
      // What was asked of the machine takes until its next tick: asking again would change nothing.
      if (effects.every(step => step.do === 'route' || step.do === 'stop' || step.do === 'retire'))
        return hasActed
    }
    throw new Error('The plan does not end.')
  }

  async #take(step: Exclude<Step, { do: 'wait' }>, view: AppView): Promise<void> {
    const { ledger, driver, router } = this.#machine
    const appId = view.app.id
    const nothing = { appeared: [], changed: [], gone: [], crashed: [] }
    switch (step.do) {
      case 'start':
        return driver.start(dynoSpec(step.dyno, view))
      case 'route':
        return router.route({
          targets: step.dynoIds.map(dynoId => ({ dynoId, dyno: '', releaseId: '', address: '' })),
        })
      case 'retire':
        return driver.stop(step.dynoId, 0)
      case 'stop':
        return driver.stop(step.dynoId, step.grace)
      case 'replace':
        return replaceDyno(ledger, appId, step)
      case 'crashed':
        return recordDynos(ledger, appId, { ...nothing, crashed: [step.slot] })
      case 'ended': {
        const ended = { id: step.dynoId, state: 'complete', exitStatus: step.exitStatus } as const
        return recordDynos(ledger, appId, { ...nothing, changed: [ended] })
      }
      case 'forget':
        return driver.forget(step.dynoIds)
      case 'succeed':
        await finishRelease(ledger, appId, step.releaseId, { status: 'succeeded' })
        return
      case 'fail':
        await finishRelease(ledger, appId, step.releaseId, { status: 'failed', reason: step.reason })
        return
      default:
        step satisfies never
    }
  }
}

/** The real reconciler, begun anew for every run: each run is a restart of the server. */
export class RestartedReconciler implements ControlPlane {
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  async run(appId: string, steps?: number): Promise<boolean> {
    const { ledger, driver, router, clock } = this.#machine
    const troubles: unknown[] = []
    const timers = timersAtWork()
    const before = JSON.stringify(await driver.list())
    const reconciler = new Reconciler({
      ledger,
      driver,
      routing: router,
      clock: () => clock.now,
      settings: {},
      log: () => {},
      onGone: () => {},
      onTrouble: trouble => troubles.push(trouble.error),
    })
    await reconciler.start()
    // A run that is cut short is closed while its loop is at work.
    if (steps === undefined) {
      await reconciler.settled(appId)
      await turn()
      await reconciler.settled(appId)
    }
    await reconciler.close()
    assert.equal(timersAtWork(), timers, 'a closed reconciler leaves no timer behind')
    if (troubles.length > 0) throw troubles[0]
    return before !== JSON.stringify(await driver.list())
  }
}

function timersAtWork(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
}

/** Lets what was begun without being waited for, as the retirement of dynos is, take its course. */
async function turn(): Promise<void> {
  for (let times = 0; times < 3; times++) await new Promise(setImmediate)
}
