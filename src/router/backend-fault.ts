import type { RouterErrorCode } from './errors.ts'

export interface BackendFault {
  code: RouterErrorCode
  cause?: string
}

/** What a failed conversation with a dyno is called in the log. */
export function backendFault(fault: Error, isResponding: boolean): BackendFault {
  const code = (fault as NodeJS.ErrnoException).code ?? ''
  if (isMalformed(fault, isResponding)) return { code: 'H17' }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { code: 'H25', cause: 'oversized header' }
  if (isUnsendable(fault)) return { code: 'H26', cause: 'bad request' }
  return { code: isResponding ? 'H18' : 'H13' }
}

function isMalformed(fault: Error, isResponding: boolean): boolean {
  if (fault.name === 'HTTPParserError') return !/EOF/.test(fault.message)
  // Before the head was read it means contradicting lengths; afterwards, a body that was cut short.
  if ((fault as NodeJS.ErrnoException).code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return !isResponding
  return /^bad (?:response|upgrade)$/.test(fault.message)
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
