import type { FastifyRequest } from 'fastify'
import { UserError } from '../core/errors.ts'

/** Throws `not_acceptable` when a request asks for another version of the API than 3. Variants (`3.sdk`) are all version 3. */
export function checkVersion(accept: string | undefined): void {
  const version = /version=([^\s;,]+)/.exec(accept ?? '')?.[1]
  if (version === undefined || /^"?3(\.[\w-]+)?"?$/.test(version)) return
  throw new UserError(
    'not_acceptable',
    `Version ${version} of the API does not exist. Send Accept: application/vnd.heroku+json; version=3`,
  )
}

/** The `sdk` variant of version 3 names a generation by a string, plain version 3 by an object. */
export function wantsSdk(request: FastifyRequest): boolean {
  return /version=3\.sdk/.test(request.headers.accept ?? '')
}
