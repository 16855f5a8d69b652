import type { FastifyReply, FastifyRequest } from 'fastify'

const COMMON = {
  'cache-control': 'private, no-cache',
  vary: 'Accept, Accept-Encoding, Authorization, Origin, Range',
  'x-content-type-options': 'nosniff',
} as const

const EXPOSED =
  'Content-Range, ETag, Last-Modified, Next-Range, RateLimit-Remaining, Request-Id, X-Heroku-Warning'

/** What every answer carries. Browsers of other origins may read, with a token of their own and never with cookies. */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(COMMON).header('request-id', request.id)
  if (request.headers.origin === undefined) return
  reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', EXPOSED)
}

/** Answers a browser that asks whether it may. */
export function answerPreflight(_request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(204)
    .header('access-control-allow-methods', 'GET, HEAD, OPTIONS')
    .header('access-control-allow-headers', 'Accept, Authorization, If-None-Match, Range')
    .header('access-control-max-age', '600')
    .send()
}
