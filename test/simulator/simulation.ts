import assert from 'node:assert/strict'
import { createAccount } from '../../src/actions/accounts.ts'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { createApp } from '../../src/actions/create-app.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { restartDynos } from '../../src/actions/restart-dynos.ts'
import { rollback } from '../../src/actions/rollback.ts'
import { runDyno } from '../../src/actions/run-dyno.ts'
import { scale } from '../../src/actions/scale.ts'
import { setConfigVars } from '../../src/actions/set-config-vars.ts'
import { startBuild } from '../../src/actions/start-build.ts'
import { stopDynos } from '../../src/actions/stop-dynos.ts'
import { updateApp } from '../../src/actions/update-app.ts'
import { DEFAULT_STACK } from '../../src/core/app.ts'
import { UserError } from '../../src/core/errors.ts'
import { derivedId } from '../../src/core/id.ts'
import type { ProcessTypes } from '../../src/core/procfile.ts'
import type { Release } from '../../src/core/release.ts'
import { eligibility } from '../../src/core/rollback.ts'
import { plan } from '../../src/core/rollout.ts'
import { minutes } from '../../src/core/time.ts'
import { sqliteDialect } from '../../src/ledger/dialects/sqlite.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { sqliteSql } from '../../src/ledger/migrations/dialect-sql.ts'
import { Seal } from '../../src/ledger/seal.ts'
import { readDesired } from '../../src/runtime/desired.ts'
import { judged } from '../../src/runtime/fingerprint.ts'
import { AcceptedChanges } from './accepted-changes.ts'
import { SimulatedClock } from './clock.ts'
import type { ControlPlane, Machine } from './control-plane.ts'
import { SimulatedDriver } from './driver.ts'
import type { Happening } from './history.ts'
import { SimulatedRouter } from './router.ts'

const BY = 'jim@example.com'

/** One app on a machine of its own, to which a history happens; after every happening the promises are checked. */
export class Simulation implements AsyncDisposable {
  readonly #machine: Machine
  readonly #controlPlane: ControlPlane
  readonly #by: { id: string; email: string }
  readonly #appId: string
  /** Judgements on stops, still to be heard. */
  readonly #stopped: Promise<void>[] = []
  readonly #accepted = new AcceptedChanges()

  private constructor(
    machine: Machine,
    controlPlane: ControlPlane,
    of: { by: { id: string; email: string }; appId: string },
  ) {
    this.#machine = machine
    this.#controlPlane = controlPlane
    this.#by = of.by
    this.#appId = of.appId
  }

  static async open(control: (machine: Machine) => ControlPlane): Promise<Simulation> {
    const clock = new SimulatedClock()
    let ids = 0
    const ledger = await Ledger.open({
      dialect: sqliteDialect(':memory:'),
      sql: sqliteSql,
      seal: new Seal(new Uint8Array(32)),
      clock: () => clock.now,
      newId: () => derivedId(++ids),
    })
    const driver = new SimulatedDriver(clock)
    const router = new SimulatedRouter(driver)
    driver.onStop = dyno =>
      assert.ok(!router.dynoIds.includes(dyno.id), `${dyno.name} is stopped while it has traffic`)
    const by = await createAccount(ledger, { email: BY, isOwner: true })
    const app = await createApp(ledger, by, { name: 'sushi', random: () => 0 })
    const machine = { ledger, clock, driver, router }
    return new Simulation(machine, control(machine), { by, appId: app.id })
  }

  async play(history: readonly Happening[]): Promise<void> {
    for (const happening of history) {
      await this.#happen(happening).catch(ignoreRefusal)
      await this.#check()
    }
    await this.#settle()
  }

  /** Nobody but those who scale, restart or stop may take down a dyno of the release that serves. */
  guardServing(): void {
    const { driver, ledger } = this.#machine
    const before = driver.onStop
    driver.onStop = dyno => {
      before(dyno)
      const isMute = dyno.type === 'web' && !dyno.isListening
      if (dyno.kind !== 'formation' || isMute) return
      this.#stopped.push(
        ledger.read.releases.byId(this.#appId, dyno.releaseId).then(release => {
          assert.ok(
            !release?.current,
            `${dyno.name} of v${release?.version} was stopped, and v${release?.version} serves`,
          )
        }),
      )
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine.ledger.close()
  }

  async #happen(happening: Happening): Promise<void> {
    const { ledger, clock, driver } = this.#machine
    const appId = this.#appId
    switch (happening.do) {
      case 'deploy':
        return this.#deploy(happening.types)
      case 'config':
        return this.#configure(happening.patch)
      case 'rollback':
        return this.#rollBack(happening.back)
      case 'scale':
        await scale(ledger, this.#by, appId, [happening])
        return
      case 'restart':
        return restartDynos(ledger, this.#by, appId, selection(happening.what))
      case 'stop':
        return stopDynos(ledger, this.#by, appId, { name: happening.name })
      case 'one-off':
        await runDyno(ledger, this.#by, appId, { command: happening.command, environment: {} })
        return
      case 'standby':
        await updateApp(ledger, this.#by, appId, { settings: { standby: happening.lasts } })
        return
      case 'drift':
        return driver.drift(happening.how, happening.index)
      case 'crash':
        return driver.crash(happening.index)
      case 'time':
        clock.pass(happening.passes)
        return driver.tick()
      case 'turn':
        clock.pass(happening.passes)
        driver.tick()
        return this.#work()
      case 'work':
        return this.#work(happening.steps ?? undefined)
      default:
        happening satisfies never
    }
  }

  async #work(steps?: number): Promise<void> {
    await this.#controlPlane.run(this.#appId, steps)
    await Promise.all(this.#stopped.splice(0))
    if (steps === undefined) await this.#checkRoute()
  }

  /** Traffic goes to what is current, to what takes over, or to dynos on standby that are just like those. */
  async #checkRoute(): Promise<void> {
    const { driver, router, ledger } = this.#machine
    const releaseId = router.dynoIds.map(id => driver.get(id)?.releaseId)[0]
    const releases = await this.#releases()
    const answering = releases.find(each => each.id === releaseId)
    const rolling = releases.find(each => each.status === 'pending' && each.turnAt !== null)
    if (!answering || answering.current || answering.id === rolling?.id) return
    assert.ok(rolling, `v${answering.version} answers, and is neither current nor takes over`)
    assert.equal(answering.artifactId, rolling.artifactId)
    const { configs } = ledger.read
    assert.deepEqual(await configs.load(answering.configId), await configs.load(rolling.configId))
  }

  async #deploy(types: ProcessTypes): Promise<void> {
    const { ledger } = this.#machine
    const draft = {
      source: { kind: 'git' as const, commit: 'c' },
      version: null,
      versionDescription: null,
      buildpacks: [],
    }
    const build = await startBuild(ledger, this.#by, this.#appId, draft)
    assert.ok(await claimBuild(ledger, this.#appId, build.id))
    const image = {
      digest: `sha256:${build.id}`,
      size: 1,
      processTypes: types,
      stack: DEFAULT_STACK,
      buildpacks: [],
      buildpackDescription: '',
    }
    const release = await finishBuild(ledger, this.#appId, build.id, image)
    this.#accepted.add(release, { kind: 'deploy', artifactId: release.artifactId ?? '', label: null })
  }

  async #configure(patch: Record<string, string | null>): Promise<void> {
    const before = await this.#releases()
    const { release } = await setConfigVars(this.#machine.ledger, this.#by, this.#appId, { patch })
    if (release.version > before.length) this.#accepted.add(release, { kind: 'config', patch })
  }

  async #rollBack(back: number): Promise<void> {
    const eligible = (await this.#releases()).filter(release => eligibility(release).eligible)
    const target = eligible.at(-1 - back)
    if (!target) return
    const release = await rollback(this.#machine.ledger, this.#by, this.#appId, { releaseId: target.id })
    this.#accepted.add(release, { kind: 'rollback-to', version: target.version })
  }

  async #releases(): Promise<Release[]> {
    return this.#machine.ledger.read.releases.list(this.#appId, { order: 'asc', limit: 1000 })
  }

  async #check(): Promise<void> {
    const releases = await this.#releases()
    assert.equal(releases.filter(each => each.current).length, 1, 'exactly one release is current')
    const rolling = releases.filter(each => each.status === 'pending' && each.turnAt !== null)
    const waiting = releases.filter(each => each.status === 'pending' && each.turnAt === null)
    assert.ok(rolling.length <= 1, 'one release rolls out at a time')
    assert.ok(waiting.length === 0 || rolling.length === 1, 'nobody waits for nothing')
    assert.ok(
      waiting.every(each => each.version > (rolling[0]?.version ?? 0)),
      'in the order of versions',
    )
    await this.#accepted.check(releases, this.#machine.ledger.read)
  }

  /** Once nothing happens any more, everything comes to rest: no release is pending, and what is wanted runs. */
  async #settle(): Promise<void> {
    const { ledger, clock, driver } = this.#machine
    for (let rounds = 0; rounds < 400; rounds++) {
      await this.#work()
      const view = await readDesired(ledger, this.#appId, {})
      assert.ok(view)
      // Code that was scaled up from none, and so never had to prove itself, may crash for ever.
      const isHopeless = view.desired.serving?.processes.some(
        ({ quantity, command }) => quantity > 0 && command !== 'boots',
      )
      if (!view.desired.rolling && isHopeless) return this.#check()
      const steps = plan(view.desired, judged(await driver.list(), view), clock.now)
      if (!view.desired.rolling && steps.every(step => step.do === 'route') && !driver.isBusy)
        return this.#checkAtRest()
      driver.tick()
      clock.pass(rounds % 5 === 4 ? minutes(61) : 3000)
    }
    assert.fail('It never came to rest.')
  }

  async #checkAtRest(): Promise<void> {
    await this.#check()
    assert.deepEqual(
      (await this.#releases()).filter(each => each.status === 'pending'),
      [],
    )
    const view = await readDesired(this.#machine.ledger, this.#appId, {})
    const { serving, slots } = view?.desired ?? { serving: null, slots: new Map() }
    const names = (serving?.processes ?? []).flatMap(process =>
      Array.from({ length: process.quantity }, (_, index) => `${process.type}.${index + 1}`),
    )
    const isStopped = (name: string) =>
      slots.get(name)?.isStopped && slots.get(name)?.releaseId === serving?.releaseId
    const dynos = (await this.#machine.driver.list()).filter(dyno => dyno.kind === 'formation')
    assert.deepEqual(
      dynos.map(dyno => [dyno.name, dyno.releaseId, dyno.state]).toSorted(),
      names
        .filter(name => !isStopped(name))
        .map(name => [name, serving?.releaseId, 'running'])
        .toSorted(),
    )
    const drifted = judged(dynos, view).filter(dyno => dyno.hasDrifted)
    assert.deepEqual(drifted, [])
    const web = dynos.filter(dyno => dyno.type === 'web').map(dyno => dyno.id)
    assert.deepEqual([...this.#machine.router.dynoIds].toSorted(), web.toSorted())
  }
}

function selection(what: 'all' | 'web' | 'web.1') {
  if (what === 'all') return { all: true } as const
  return what === 'web' ? { type: what } : { name: what }
}

/** People ask for what cannot be, as to scale an app without code; that they are refused is no fault. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof UserError)) throw error
}
