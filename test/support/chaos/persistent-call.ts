import { randomUUID } from 'node:crypto'
import type { Answer, TestApp } from '../app.ts'
import { eventually } from '../eventually.ts'

const PATIENCE = 60_000

/** Makes one call until it is answered, as clients do whose connection breaks: under one and the same Request-Id. */
export function callUntilAnswered(
  { platform, name }: TestApp,
  {
    method,
    path,
    body,
    token = platform.token,
  }: { method: string; path: string; body?: unknown; token?: string },
): Promise<Answer> {
  const headers = {
    accept: 'application/vnd.heroku+json; version=3',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'request-id': randomUUID(),
  }
  const ask = async (): Promise<Answer | undefined> => {
    const signal = AbortSignal.timeout(PATIENCE)
    const options = { method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await fetch(`${platform.endpoints.api}/apps/${name}${path}`, options)
    const text = await response.text()
    // Starting up; anything else is an answer.
    if (response.status === 503) return undefined
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
  return eventually(`an answer to ${method} ${path}`, ask, PATIENCE)
}
