import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { checkVersion } from './accept.ts'
import { authenticate } from './authenticate.ts'
import { acceptJson } from './body.ts'
import type { ApiContext } from './context.ts'
import { answerError, answerUnknownRoute, type Fault } from './errors.ts'
import { lastModified, tagAnswer } from './etag.ts'
import { setCommonHeaders } from './headers.ts'
import type { Api } from './instance.ts'
import { OPENAPI } from './openapi.ts'
import { DEFAULT_RATE_LIMIT, RateLimit } from './rate-limit.ts'
import { Replay } from './replay.ts'
import { addRoutes } from './routes.ts'

/** Attempts to log in with a password, for each address and account: enough for a person, too few for a guesser. */
const LOGIN_LIMIT = { pool: 10, perMinute: 6 }

/**
 * The Platform API. The caller listens: `await api.ready()`, then hand `api.routing` to an http or https server, and
 * give the server `answerClientError` for what is no valid HTTP.
 */
export async function createApi(context: ApiContext): Promise<Api> {
  const report = context.onFault ?? printFault
  const api: Api = fastify({
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 1024, ignoreTrailingSlash: true },
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false },
    },
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(request, reply)
      answerError(report)(error, request, reply)
    },
  })
  api
    .decorateRequest('sentBody', '')
    .decorateRequest('repeatKey', undefined)
    .decorateRequest('token', null)
    .decorateRequest('addonId', null)
  acceptJson(api)
  api.setErrorHandler(answerError(report))
  api.setNotFoundHandler(answerUnknownRoute)
  await api.register(swagger, OPENAPI)
  const limits = limitsOf(context)
  guard(api, context, limits)
  repeatAnswers(api, context, report)
  describeAnswers(api)
  addRoutes(api, context, limits.requests)
  return api
}

interface Limits {
  requests: RateLimit
  logins: RateLimit
}

function limitsOf({ rateLimit = DEFAULT_RATE_LIMIT, clock }: ApiContext): Limits {
  return { requests: new RateLimit(rateLimit, clock), logins: new RateLimit(rateLimit && LOGIN_LIMIT, clock) }
}

/** Who asks, and whether they may ask now. */
function guard(api: Api, context: ApiContext, limits: Limits): void {
  api.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(request, reply)
    const { access, isFree } = request.routeOptions.config
    if (request.is404 || access === 'public' || access === 'capability') return
    checkVersion(request.headers.accept)
    await authenticate(context, request, limits.logins)
    const id = request.addonId ?? request.account.id
    reply.header('ratelimit-remaining', limits.requests.remaining(id))
    if (!isFree) reply.header('ratelimit-remaining', limits.requests.take(id))
  })
}

/** The same request again gets the same answer again. */
function repeatAnswers(api: Api, context: ApiContext, report: (fault: Fault) => void): void {
  const replay = new Replay(context, error =>
    report({ requestId: '-', method: '-', path: 'kept answers', error }),
  )
  api.addHook('preValidation', async (request, reply) => {
    if (!request.account) return
    // No body is the same as one that says nothing.
    if (request.body === undefined) request.body = {}
    const answer = await replay.find(request)
    if (!answer) return
    request.repeatKey = undefined
    return reply
      .code(answer.status)
      .headers(answer.headers)
      .serializer(body => String(body))
      .send(answer.body)
  })
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.repeatKey !== undefined)
      replay.keep(request, reply, typeof payload === 'string' ? payload : '')
    return payload
  })
  api.addHook('onClose', () => replay.close())
}

/** ETag and Last-Modified of what is read. */
function describeAnswers(api: Api): void {
  api.addHook('preSerialization', async (request, reply, payload) => {
    const modified = isRead(request, reply) ? lastModified(payload) : undefined
    if (modified) reply.header('last-modified', modified)
    return payload
  })
  api.addHook('onSend', async (request, reply, payload) => {
    return isRead(request, reply) && typeof payload === 'string'
      ? tagAnswer(request, reply, payload)
      : payload
  })
}

function isRead(request: FastifyRequest, reply: FastifyReply): boolean {
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    (reply.statusCode === 200 || reply.statusCode === 206)
  )
}

function printFault({ error, ...fields }: Fault): void {
  console.error(JSON.stringify({ level: 'error', message: 'A request failed.', ...fields }), error)
}
