import type { FastifyRequest } from 'fastify'
import { days } from '../core/time.ts'
import { Capabilities } from './capability.ts'
import type { ApiContext } from './context.ts'

type Signing = Pick<ApiContext, 'addresses' | 'capabilityKey' | 'clock'>

export function capabilitiesOf(context: Signing): Capabilities {
  return new Capabilities(context.capabilityKey, context.clock)
}

/** The API as this client reaches it. */
export function apiBase(context: Signing, request: FastifyRequest): string {
  const { api, apiTls } = context.addresses()
  return request.protocol === 'https' ? apiTls : api
}

/** A URL anybody who has it may read the output of a build or release command from, for a day. */
export function streamUrl(context: Signing, request: FastifyRequest, path: string): string {
  return apiBase(context, request) + capabilitiesOf(context).sign({ method: 'GET', path, lifetime: days(1) })
}
