import type { RouterErrorCode } from './errors.ts'

export interface BackendFault {
  code: RouterErrorCode
  cause?: string
}

/** What a failed conversation with a dyno is called in the log. */
export function backendFault(fault: Error, isResponding: boolean): BackendFault {
  const code = (fault as NodeJS.ErrnoException).code ?? ''
  if (code.startsWith('HPE_') || /^bad (?:response|upgrade)$/.test(fault.message)) return { code: 'H17' }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { code: 'H25', cause: 'oversized header' }
  if (isUnsendable(fault)) return { code: 'H26', cause: 'bad request' }
  return { code: isResponding ? 'H18' : 'H13' }
}

/** True when the request cannot be written to any dyno at all. */
export function isUnsendable(fault: Error): boolean {
  const code = (fault as NodeJS.ErrnoException).code
  return (
    code === 'UND_ERR_INVALID_ARG' ||
    code === 'UND_ERR_NOT_SUPPORTED' ||
    code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
  )
}

const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** True when the dyno closed the connection without a word of an answer. */
export function isSilentClose(fault: Error): boolean {
  return CLOSED.has((fault as NodeJS.ErrnoException).code ?? '') && !fault.message.startsWith('bad ')
}
