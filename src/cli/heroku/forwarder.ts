import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { request as requestHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import type { Platform } from '../platform.ts'

export interface Forwarder extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  url: string
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * Hands requests that arrive on this machine on to a platform elsewhere, for the official CLI, which takes no other
 * host than this one. It adds no token of its own, so that who may use it may use the platform anyway.
 */
export async function startForwarder(platform: Pick<Platform, 'url' | 'ca'>): Promise<Forwarder> {
  const server = createServer((request, response) => forward(platform, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function forward({ url, ca }: Pick<Platform, 'url' | 'ca'>, from: IncomingMessage, to: ServerResponse): void {
  const target = new URL(url)
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const request = send(target, {
    method: from.method,
    path: from.url,
    headers: { ...endToEnd(from.headers), host: target.host },
    ...(ca && { ca }),
  })
  request.on('response', answer => {
    to.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    pipeline(answer, to, () => undefined)
  })
  request.on('error', () => unreachable(to, target))
  to.on('close', () => request.destroy())
  pipeline(from, request, () => undefined)
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)))
}

function unreachable(to: ServerResponse, target: URL): void {
  if (to.headersSent) return void to.destroy()
  const message = `The platform at ${target.origin} cannot be reached. Check the network and try again.`
  to.writeHead(502, { 'content-type': 'application/json' }).end(
    JSON.stringify({ id: 'bad_gateway', message }),
  )
}
