import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorId, UserError } from '../core/errors.ts'

/** The only place that knows status codes. */
const STATUS: Readonly<Record<ErrorId, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  suspended: 403,
  not_found: 404,
  not_acceptable: 406,
  conflict: 409,
  precondition_failed: 412,
  request_too_large: 413,
  requested_range_not_satisfiable: 416,
  invalid_params: 422,
  multiple_matches: 422,
  confirmation_required: 423,
  rate_limit: 429,
  service_unavailable: 503,
}

/** What every error looks like to a client. */
export interface ErrorBody {
  id: string
  message: string
  resource?: string
  app?: { name: string }
}

/** Something that was our fault, for the log. The asker is told no more than the request's id. */
export interface Fault {
  requestId: string
  method: string
  path: string
  error: unknown
}

/** Turns whatever was thrown into an answer; faults of ours go to `report` and never to the client. */
export function answerError(report: (fault: Fault) => void) {
  return (thrown: FastifyError | UserError, request: FastifyRequest, reply: FastifyReply): void => {
    const error = thrown instanceof UserError ? thrown : userErrorOf(thrown)
    if (error) {
      if (error.id === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="Tidemark"')
      reply.code(STATUS[error.id]).send(bodyOf(error))
      return
    }
    report({ requestId: request.id, method: request.method, path: pathOf(request.url), error: thrown })
    const message = `Internal server error. The operator finds the cause in the log under request ${request.id}.`
    reply.code(500).send({ id: 'internal_server_error', message } satisfies ErrorBody)
  }
}

/** Answers a request for something that does not exist. */
export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): void {
  const message = `There is no ${request.method} ${pathOf(request.url)}. GET /schema lists what there is.`
  reply.code(404).send({ id: 'not_found', message } satisfies ErrorBody)
}

function bodyOf(error: UserError): ErrorBody {
  const { resource, app } = error.detail
  return {
    id: error.id,
    message: error.message,
    ...(resource && { resource }),
    ...(app && { app: { name: app } }),
  }
}

/** Query strings carry signatures, so they are left out of messages and logs. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}

/** What the web framework found wrong with a request, as a sentence of ours; undefined for anything else. */
function userErrorOf(error: FastifyError): UserError | undefined {
  if (error.validation) return validationError(error)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new UserError('request_too_large', TOO_LARGE)
  if (error.code === 'FST_ERR_BAD_URL')
    return new UserError('bad_request', 'The URL is malformed: check its % escapes.')
  const { statusCode } = error
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined
  return new UserError('bad_request', `The request is malformed: ${lowerFirst(error.message)}.`)
}

const TOO_LARGE =
  'The request body is too large: at most 1 MB is accepted here. Upload source code to POST /sources.'

/** A body that is no object at all is malformed; an object with a wrong member is understood, but invalid. */
function validationError(error: FastifyError): UserError {
  const [first] = error.validation ?? []
  const where = `${error.validationContext ?? 'body'}${first?.instancePath ?? ''}`.replaceAll('/', '.')
  const isWhole = first?.keyword === 'type' && first.instancePath === ''
  if (isWhole)
    return new UserError('bad_request', `The request ${where} ${first?.message ?? 'is malformed'}.`)
  return new UserError(
    'invalid_params',
    `Invalid parameters: ${where} ${first?.message ?? 'is not valid'}${allowed(first?.params)}.`,
  )
}

function allowed(params: Record<string, unknown> | undefined): string {
  return Array.isArray(params?.allowedValues) ? ` (${params.allowedValues.join(', ')})` : ''
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`.replace(/\.$/, '')
}
