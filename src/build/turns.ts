import { claimBuild } from '../actions/claim-build.ts'
import type { Build } from '../core/build.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { BuildFailure, type BuildOutput } from './builder.ts'

/** Has builds of one app wait for one another, in the order in which they were asked for. */
export class BuildTurns {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Resolves once `build` was given its turn. Rejects when it was cancelled while waiting, or `signal` aborts. */
  async wait(build: Build, output: BuildOutput, signal: AbortSignal): Promise<void> {
    let hasSaid = false
    await this.#ledger.until(build.appId, signal, async () => {
      if (await claimBuild(this.#ledger, build.appId, build.id)) return true
      const now = await this.#ledger.read.builds.byId(build.appId, build.id)
      if (now?.status !== 'pending') throw new BuildFailure(now?.reason ?? 'The build was cancelled.')
      if (!hasSaid)
        output('-----> Another build of this app is running; this one starts when it is done...\n')
      hasSaid = true
      return undefined
    })
  }
}
