import { failBuild } from '../actions/fail-build.ts'
import { startBuild } from '../actions/start-build.ts'
import type { Actor } from '../core/account.ts'
import type { App } from '../core/app.ts'
import type { Build } from '../core/build.ts'
import { type Release, releaseCommandOf } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type CommandOutput, type Output, withCommandOutput } from './command-output.ts'
import type { PushedRef, PushedRefs } from './hook.ts'

export interface Push {
  app: App
  by: Actor
  repository: string
  /** Aborts when the person pushing is gone, or the server stops. */
  signal: AbortSignal
  /** Aborts when the server stops. */
  stopping: AbortSignal
}

/** Builds a commit of a push's repository: what the build worker does, as a push needs it. */
export type BuildCommit = (
  build: Build,
  source: { repository: string; commit: string; environment: Readonly<Record<string, string>> },
  options: { output: Output; signal: AbortSignal },
) => Promise<{ ok: true; release: Release } | { ok: false; reason: string }>

export interface ReceiveContext {
  ledger: Ledger
  buildCommit: BuildCommit
  commitSubject: (
    repository: string,
    commit: string,
    environment: Readonly<Record<string, string>>,
  ) => Promise<string | null>
  commandOutput: CommandOutput
  webUrl: (app: App) => string
  /** Why nothing can be built now; undefined while there is room. */
  refusal: () => Promise<string | undefined>
}

const DEPLOYED = ['refs/heads/main', 'refs/heads/master']
const DELETED = /^0+$/

/** Decides about pushes: builds and releases what came for main or master, and tells the truth about how it ended. */
export class Receiver {
  readonly #context: ReceiveContext

  constructor(context: ReceiveContext) {
    this.#context = context
  }

  /** Whether the push is accepted: the refs move only if it is. */
  async receive(push: Push, pushed: PushedRefs, output: Output): Promise<boolean> {
    const refs = pushed.refs.filter(({ ref }) => DEPLOYED.includes(ref))
    const [ref] = refs
    if (!ref) {
      output('Pushed to branch other than [main, master], skipping build.\n')
      return true
    }
    if (refs.length > 1)
      return refuse(
        output,
        'Both main and master were pushed, and only one can be deployed. Push one of them.',
      )
    if (DELETED.test(ref.after))
      return refuse(
        output,
        `${branch(ref)} is what the app was deployed from, and stays. Push another commit to it instead.`,
      )
    return this.#deploy(push, ref, { environment: pushed.environment, output })
  }

  async #deploy(
    push: Push,
    ref: PushedRef,
    { environment, output }: { environment: Readonly<Record<string, string>>; output: Output },
  ): Promise<boolean> {
    const { ledger, buildCommit, commitSubject } = this.#context
    const { app, by, repository, signal } = push
    const refused = await this.#context.refusal()
    if (refused !== undefined) return refuse(output, `${refused}\nPush rejected.`)
    const commit = ref.after
    const build = await startBuild(ledger, by, app.id, {
      source: { kind: 'git', commit },
      version: commit,
      versionDescription: await commitSubject(repository, commit, environment),
      buildpacks: [],
    })
    if (signal.aborted) {
      await failBuild(ledger, app.id, build.id, 'The build was cancelled.')
      return false
    }
    const outcome = await buildCommit(build, { repository, commit, environment }, { output, signal })
    if (!outcome.ok) {
      output(` !     Push rejected.\n\n`)
      return false
    }
    return this.#launch(push, outcome.release, output)
  }

  /** Waits for the release to run or fail. The person pushing may be gone by now; the push goes on without them. */
  async #launch(push: Push, release: Release, output: Output): Promise<boolean> {
    const ended = await this.#launched(push, release, output)
    if (!ended)
      return refuse(
        output,
        `The platform was stopped while v${release.version} was being rolled out. See how it ended with: tidemark releases\nPush rejected: the branch did not move, so that the same commit can be pushed again.`,
      )
    if (ended.status === 'succeeded') {
      output(` done, v${ended.version}\n       ${this.#context.webUrl(push.app)} deployed to Tidemark\n\n`)
      return true
    }
    output(` failed, v${ended.version}\n`)
    return refuse(
      output,
      `Release v${ended.version} failed: ${ended.reason ?? 'no reason is known'}.\nPush rejected: the branch did not move, so that the same commit can be pushed again.`,
    )
  }

  /** Says that it launches; before that, what the release command says, if there is one. */
  async #launched(push: Push, release: Release, output: Output): Promise<Release | undefined> {
    const { ledger, commandOutput } = this.#context
    const artifact =
      release.artifactId === null ? undefined : await ledger.read.artifacts.byId(release.artifactId)
    if (releaseCommandOf(release, artifact?.processTypes ?? {}) === null) {
      output('-----> Launching...')
      return this.#ended(push, release)
    }
    const command = (signal: AbortSignal) => commandOutput(release, signal)
    const ended = await withCommandOutput(this.#ended(push, release), command, output)
    output('-----> Launching...')
    return ended
  }

  /** Undefined when the server stops before the release has ended. */
  async #ended({ app, stopping }: Push, { id }: Release): Promise<Release | undefined> {
    const { ledger } = this.#context
    try {
      return await ledger.until(app.id, stopping, async () => {
        const now = await ledger.read.releases.byId(app.id, id)
        return now?.status === 'pending' ? undefined : now
      })
    } catch (error) {
      if (stopping.aborted) return undefined
      throw error
    }
  }
}

function refuse(output: Output, sentences: string): false {
  output(`\n !     ${sentences.replaceAll('\n', '\n !     ')}\n\n`)
  return false
}

function branch({ ref }: PushedRef): string {
  return ref.replace('refs/heads/', '')
}
