/** Somebody typed something that cannot be meant; the sentence says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The platform knows nobody by what we have to show, or we have nothing to show. */
export class NotLoggedIn extends Error {
  override readonly name = 'NotLoggedIn'
}

/** Another program ran in our place and ended; it has said itself what there was to say. */
export class ProgramEnded extends Error {
  override readonly name = 'ProgramEnded'
  readonly status: number

  constructor(status: number) {
    super(`The program ended with status ${status}.`)
    this.status = status
  }
}
