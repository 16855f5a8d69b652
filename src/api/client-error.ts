import type { Duplex } from 'node:stream'
import { type Duration, seconds } from '../core/time.ts'

/** How long a client may go on sending what nobody reads, before it is cut off. */
const LINGER: Duration = seconds(2)

/**
 * Answers what Node's HTTP parser refused, for `server.on('clientError', answerClientError)`: the API's servers say in
 * JSON what was wrong, also to a request that never became one.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The parser complains again about every further chunk.
  if (socket.writableEnded) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, id, message } = refusalOf(error.code)
  const body = JSON.stringify({ id, message })
  // Whatever else comes is read and dropped: with bytes unread the kernel would reset, and the answer could be lost.
  socket.resume()
  const giveUp = setTimeout(() => socket.destroy(), LINGER)
  socket
    .once('close', () => clearTimeout(giveUp))
    .once('end', () => socket.destroy())
    .on('error', () => {})
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

interface Refusal {
  status: string
  id: string
  message: string
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The request headers are too large: at most 16 kB are accepted.'
    return { status: '431 Request Header Fields Too Large', id: 'request_header_fields_too_large', message }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'The request did not arrive in time. Send it again.'
    return { status: '408 Request Timeout', id: 'request_timeout', message }
  }
  return { status: '400 Bad Request', id: 'bad_request', message: 'The request is not valid HTTP.' }
}
