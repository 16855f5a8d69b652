/** What the platform answered instead of doing what it was asked; the message is the platform's sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The platform's word for the kind of error: `not_found`, `invalid_params`, `unauthorized`. */
  readonly id: string
  readonly status: number
  /** The kind of thing that was not found: `app`, `release`. */
  readonly resource: string | undefined

  constructor(answer: { status: number; id: string; message: string; resource?: string | undefined }) {
    super(answer.message)
    this.id = answer.id
    this.status = answer.status
    this.resource = answer.resource
  }
}

/** Reads an error answer; one that is not the platform's (a proxy's page, say) becomes a sentence as well. */
export function apiError(status: number, body: unknown): ApiError {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const { id, message, resource } = fields
  return new ApiError({
    status,
    id: typeof id === 'string' ? id : 'unknown',
    message:
      typeof message === 'string'
        ? message
        : `The platform answered with HTTP status ${status} and no reason.`,
    resource: typeof resource === 'string' ? resource : undefined,
  })
}
