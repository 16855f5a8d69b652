import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** The answer a request got, kept so that the same request sent again gets it again. */
export interface Answer {
  accountId: string
  requestId: string
  /** Tells two requests with one id apart: a hash of method, path and body. */
  fingerprint: string
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

export class AnswerReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async find(accountId: string, requestId: string, fingerprint: string): Promise<Answer | undefined> {
    const row = await this.#context.db
      .selectFrom('answers')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('request_id', '=', requestId)
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst()
    if (!row) return undefined
    const body = this.#context.seal.open(row.body, sealedFor(row.account_id, row.request_id))
    return { accountId, requestId, fingerprint, status: row.status, headers: JSON.parse(row.headers), body }
  }
}

export class AnswerWriter extends AnswerReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(answers: readonly Answer[]): Promise<void> {
    if (answers.length === 0) return
    await this.#context.db
      .insertInto('answers')
      .values(
        answers.map(answer => ({
          account_id: answer.accountId,
          request_id: answer.requestId,
          fingerprint: answer.fingerprint,
          status: answer.status,
          headers: JSON.stringify(answer.headers),
          // It may hold config values, or a token that was just issued.
          body: this.#context.seal.seal(answer.body, sealedFor(answer.accountId, answer.requestId)),
          created_at: this.#context.now,
        })),
      )
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }

  async deleteOlder(before: Instant): Promise<void> {
    await this.#context.db.deleteFrom('answers').where('created_at', '<', before).execute()
  }
}

function sealedFor(accountId: string, requestId: string): string {
  return `answer ${accountId} ${requestId}`
}
