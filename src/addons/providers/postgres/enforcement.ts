import type { Administration } from './administration.ts'
import { addonIds } from './catalog.ts'
import { applyLimits, areRight, planOf } from './limits.ts'
import { type Names, namesOf } from './names.ts'
import type { PostgresPlan } from './plans.ts'
import type { Report } from './server.ts'
import type { Session } from './session.ts'

const EVERY = 60_000
/** For one look at everything, and for setting one database right. */
const LIMIT = 60_000

/** Looks every minute whether databases are within their plans, and limits those that are not. */
export class Enforcement {
  readonly #administration: Administration
  readonly #plans: readonly PostgresPlan[]
  readonly #report: Report
  readonly #life = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(administration: Administration, plans: readonly PostgresPlan[], report: Report) {
    this.#administration = administration
    this.#plans = plans
    this.#report = report
  }

  /** Begins to look, unless it has begun. */
  start(): void {
    if (this.#timer !== undefined || this.#life.signal.aborted) return
    this.#timer = setInterval(() => void this.#lookAgain(), EVERY)
    this.#timer.unref()
  }

  stop(): void {
    this.#life.abort()
    clearInterval(this.#timer)
  }

  /** One look at every database. Whatever cannot be set right now is reported, and does not keep the others from it. */
  async enforce(): Promise<void> {
    for (const names of await this.#administration.run(this.#limit(), session => this.#wrong(session))) {
      const signal = this.#limit()
      await this.#administration
        .alone(names.id, signal, session => this.#setRight(session, names))
        .catch(error => this.#report({ doing: `limiting the database ${names.database}`, error }))
    }
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.enforce()
    } catch (error) {
      if (!this.#life.signal.aborted) this.#report({ doing: 'looking at the sizes of databases', error })
    }
  }

  async #wrong(session: Session): Promise<Names[]> {
    const wrong: Names[] = []
    for (const names of (await addonIds(session)).map(namesOf)) {
      const plan = await planOf(session, names.owner, this.#plans)
      if (plan !== undefined && !(await areRight(session, names.database, plan))) wrong.push(names)
    }
    return wrong
  }

  /** The plan may be another by the time that nobody else is at it. */
  async #setRight(session: Session, { owner, database }: Names): Promise<void> {
    const plan = await planOf(session, owner, this.#plans)
    if (plan !== undefined) await applyLimits(session, database, plan)
  }

  #limit(): AbortSignal {
    return AbortSignal.any([this.#life.signal, AbortSignal.timeout(LIMIT)])
  }
}
