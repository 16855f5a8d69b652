/** The ids that clients of the Platform API know. Only `api/errors.ts` turns them into status codes. */
export type ErrorId =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'suspended'
  | 'not_found'
  | 'not_acceptable'
  | 'conflict'
  | 'precondition_failed'
  | 'invalid_params'
  | 'requested_range_not_satisfiable'
  | 'confirmation_required'
  | 'multiple_matches'
  | 'rate_limit'
  | 'request_too_large'
  | 'service_unavailable'

export interface ErrorDetail {
  /** The kind of thing that was not found, as the API names it: `app`, `release`, `add_on`. */
  resource?: string
  app?: string
}

/** What somebody did wrong, in a sentence that says what was expected and what to do. Our own faults are plain Errors. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly id: ErrorId
  readonly detail: ErrorDetail

  constructor(id: ErrorId, message: string, detail: ErrorDetail = {}) {
    super(message)
    this.id = id
    this.detail = detail
  }
}

/** The answer for what is not there, and the very same for what the asker may not see. */
export function notFound(resource: string): UserError {
  return new UserError('not_found', `Couldn't find that ${resource.replaceAll('_', '-')}.`, { resource })
}

/** Whether what was looked for is not there, or not any more: an app may be destroyed meanwhile. */
export function isNotFound(error: unknown): boolean {
  return error instanceof UserError && error.id === 'not_found'
}

export function invalid(message: string): UserError {
  return new UserError('invalid_params', message)
}

export function conflict(message: string): UserError {
  return new UserError('conflict', message)
}
