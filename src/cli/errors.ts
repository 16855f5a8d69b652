/** Somebody typed something that cannot be meant; the sentence says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** There is nobody to be on this platform yet. */
export class NotLoggedIn extends Error {
  override readonly name = 'NotLoggedIn'

  constructor(url: string) {
    super(`You are not logged in to the platform at ${url}. Log in with: tidemark login --url ${url}`)
  }
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
