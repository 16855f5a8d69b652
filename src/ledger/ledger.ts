import { EventEmitter, once } from 'node:events'
import { type Dialect, Kysely, type Transaction } from 'kysely'
import type { App } from '../core/app.ts'
import { notFound } from '../core/errors.ts'
import type { NewId } from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import { AccountReader, AccountWriter } from './accounts.ts'
import { Announcer } from './announcer.ts'
import { AnswerReader, AnswerWriter } from './answers.ts'
import { AppReader, AppWriter, lockApp } from './apps.ts'
import { ArtifactReader, ArtifactWriter } from './artifacts.ts'
import { BuildpackReader, BuildpackWriter } from './buildpacks.ts'
import { BuildReader, BuildWriter } from './builds.ts'
import { ClockMarkReader, ClockMarkWriter } from './clock-marks.ts'
import { CollaboratorReader, CollaboratorWriter } from './collaborators.ts'
import { ConfigReader, ConfigWriter } from './configs.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { DynoReader, DynoWriter } from './dynos.ts'
import {
  type EventData,
  type EventDraft,
  type EventKind,
  EventReader,
  type LedgerEvent,
  storeEvents,
} from './events.ts'
import { FormationReader, FormationWriter } from './formations.ts'
import { checkKey } from './master-key.ts'
import type { DialectSql } from './migrations/dialect-sql.ts'
import { migrate } from './migrations/migrate.ts'
import { ReleaseReader, ReleaseWriter } from './releases.ts'
import type { Schema } from './schema.ts'
import type { Seal } from './seal.ts'
import { SharedCommits } from './shared-commits.ts'
import { SlotReader, SlotWriter } from './slots.ts'
import { SourceReader, SourceWriter } from './sources.ts'
import { readable } from './violations.ts'

export interface LedgerOptions {
  dialect: Dialect
  sql: DialectSql
  seal: Seal
  clock: () => Instant
  newId: NewId
}

/** What can be read, noun by noun. */
export interface Reader {
  accounts: AccountReader
  apps: AppReader
  answers: AnswerReader
  artifacts: ArtifactReader
  builds: BuildReader
  buildpacks: BuildpackReader
  clockMarks: ClockMarkReader
  collaborators: CollaboratorReader
  configs: ConfigReader
  dynos: DynoReader
  events: EventReader
  formations: FormationReader
  releases: ReleaseReader
  slots: SlotReader
  sources: SourceReader
}

/** What can be changed; it exists only inside a transaction. */
export interface Writer extends Reader {
  now: Instant
  newId: NewId
  accounts: AccountWriter
  apps: AppWriter
  answers: AnswerWriter
  artifacts: ArtifactWriter
  builds: BuildWriter
  buildpacks: BuildpackWriter
  clockMarks: ClockMarkWriter
  collaborators: CollaboratorWriter
  configs: ConfigWriter
  dynos: DynoWriter
  formations: FormationWriter
  releases: ReleaseWriter
  slots: SlotWriter
  sources: SourceWriter
  /** Records what happened; listeners hear of it once the transaction is committed. */
  emit(appId: string | null, kind: EventKind, data: EventData): void
}

/** A writer that holds the lock of one app. */
export interface AppTransaction extends Writer {
  /** The app as it was when its row was taken. */
  app: App
}

/** The one door to what is remembered. */
export class Ledger implements AsyncDisposable {
  readonly #db: Kysely<Schema>
  readonly #options: LedgerOptions
  readonly #announcer = new Announcer()
  readonly #reader: Reader
  readonly #commits: SharedCommits | undefined

  private constructor(db: Kysely<Schema>, options: LedgerOptions) {
    this.#db = db
    this.#options = options
    this.#reader = reader({ db, seal: options.seal })
    this.#commits = options.sql.sharesCommits ? new SharedCommits(db) : undefined
  }

  /** Opens the database and brings its schema up to date. Throws a sentence when it cannot be used. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const db = new Kysely<Schema>({ dialect: options.dialect })
    try {
      await migrate(db, options.sql)
      await checkKey(db, options.seal)
    } catch (error) {
      await db.destroy()
      throw error
    }
    return new Ledger(db, options)
  }

  get read(): Reader {
    return this.#reader
  }

  /** Reads that belong together: all of them see the ledger as of one moment. */
  async snapshot<T>(read: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#db
      .transaction()
      .setIsolationLevel(this.#options.sql.snapshotLevel)
      .execute(db => read(reader({ db, seal: this.#options.seal })))
  }

  /**
   * One action on one app: a transaction whose first statement takes the app's row, so that everything `action` reads
   * is fresh. Throws `not_found` when the app is gone. Nothing slow belongs inside.
   */
  async transact<T>(appId: string, action: (tx: AppTransaction) => Promise<T>): Promise<T> {
    const lock = async (db: Transaction<Schema>) => {
      const app = await lockApp(db, appId)
      if (!app) throw notFound('app')
      return app
    }
    return this.#transaction(lock, (tx, app) => action({ ...tx, app }))
  }

  /** One action on what belongs to no app: accounts, tokens, the making of apps. Takes the platform's row first. */
  async transactPlatform<T>(action: (tx: Writer) => Promise<T>): Promise<T> {
    return this.#transaction(lockPlatform, action)
  }

  /** `listener` hears of events after they are committed, in order. Returns the way to stop listening. */
  onCommit(listener: (events: readonly LedgerEvent[]) => void): () => void {
    return this.#announcer.listen(listener)
  }

  /**
   * Asks `probe` now and after every change of the app, until it answers something. Rejects when `signal` aborts, or
   * with what `probe` throws.
   */
  async until<T>(appId: string, signal: AbortSignal, probe: () => Promise<T | undefined>): Promise<T> {
    const changes = new EventEmitter()
    const stop = this.onCommit(events => {
      if (events.some(event => event.appId === appId)) changes.emit('change')
    })
    try {
      while (true) {
        signal.throwIfAborted()
        // Listening begins before asking, so that a change in between is not missed.
        const changed = once(changes, 'change', { signal })
        changed.catch(() => {})
        const answer = await probe()
        if (answer !== undefined) return answer
        await changed
      }
    } finally {
      stop()
    }
  }

  async close(): Promise<void> {
    await this.#db.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #transaction<L, T>(
    lock: (db: Transaction<Schema>) => Promise<L>,
    action: (tx: Writer, locked: L) => Promise<T>,
  ): Promise<T> {
    const { seal, clock, newId, sql } = this.#options
    using announcement = this.#announcer.open()
    try {
      const result = await this.#commit(async db => {
        const locked = await lock(db)
        // Only now, so that the times of an app's releases rise with their versions.
        const context: WriteContext = { db, seal, now: clock(), newId }
        const drafts: EventDraft[] = []
        const outcome = await action(writer(context, drafts), locked)
        announcement.prepare(await storeEvents(context, drafts, sql.sharesEvents))
        return outcome
      })
      announcement.commit()
      return result
    } catch (error) {
      throw readable(error)
    }
  }

  #commit<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#commits?.run(work) ?? this.#db.transaction().execute(work)
  }
}

async function lockPlatform(db: Transaction<Schema>): Promise<void> {
  await db
    .updateTable('platform')
    .set(columns => ({ revision: columns('revision', '+', 1) }))
    .execute()
}

function reader(context: ReadContext): Reader {
  return {
    accounts: new AccountReader(context),
    apps: new AppReader(context),
    answers: new AnswerReader(context),
    artifacts: new ArtifactReader(context),
    builds: new BuildReader(context),
    buildpacks: new BuildpackReader(context),
    clockMarks: new ClockMarkReader(context),
    collaborators: new CollaboratorReader(context),
    configs: new ConfigReader(context),
    dynos: new DynoReader(context),
    events: new EventReader(context),
    formations: new FormationReader(context),
    releases: new ReleaseReader(context),
    slots: new SlotReader(context),
    sources: new SourceReader(context),
  }
}

function writer(context: WriteContext, drafts: EventDraft[]): Writer {
  return {
    now: context.now,
    newId: context.newId,
    accounts: new AccountWriter(context),
    apps: new AppWriter(context),
    answers: new AnswerWriter(context),
    artifacts: new ArtifactWriter(context),
    builds: new BuildWriter(context),
    buildpacks: new BuildpackWriter(context),
    clockMarks: new ClockMarkWriter(context),
    collaborators: new CollaboratorWriter(context),
    configs: new ConfigWriter(context),
    dynos: new DynoWriter(context),
    events: new EventReader(context),
    formations: new FormationWriter(context),
    releases: new ReleaseWriter(context),
    slots: new SlotWriter(context),
    sources: new SourceWriter(context),
    emit: (appId, kind, data) => void drafts.push({ appId, kind, data }),
  }
}
