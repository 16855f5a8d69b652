import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SeenStates } from '../actions/precondition.ts'

/**
 * Says which state of a resource an answer shows (the app's revision, the config's snapshot), so that a later If-Match
 * can be compared with the state itself inside the transaction.
 */
export function showsState(reply: FastifyReply, state: string): void {
  reply.header('etag', `"${state}"`)
}

/** The states a request's If-Match names; undefined when it names none, or any. */
export function seenStates(request: FastifyRequest): SeenStates {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  return tagsOf(header).map(tag => tag.split('.', 1)[0] ?? '')
}

/** Gives the answer to a GET its ETag, and makes it a 304 without a body when the client has it already. */
export function tagAnswer(request: FastifyRequest, reply: FastifyReply, payload: string): string {
  const state = tagsOf(String(reply.getHeader('etag') ?? ''))[0]
  const hash = createHash('sha256').update(payload).digest('base64url').slice(0, 22)
  const tag = state === undefined ? hash : `${state}.${hash}`
  reply.header('etag', `"${tag}"`)
  const known = request.headers['if-none-match']
  if (known === undefined || !(known.trim() === '*' || tagsOf(known).includes(tag))) return payload
  reply.code(304).removeHeader('content-length').removeHeader('content-type')
  return ''
}

/** When the newest part of an answer changed, for Last-Modified; undefined when it does not say. */
export function lastModified(payload: unknown): string | undefined {
  const items = Array.isArray(payload) ? payload : [payload]
  const times = items.map(item => Date.parse(updatedAt(item) ?? '')).filter(time => !Number.isNaN(time))
  return times.length > 0 ? new Date(Math.max(...times)).toUTCString() : undefined
}

function updatedAt(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('updated_at' in item)) return undefined
  return typeof item.updated_at === 'string' ? item.updated_at : undefined
}

function tagsOf(header: string): string[] {
  return [...header.matchAll(/"([^"]*)"/g)].map(match => match[1] ?? '')
}
