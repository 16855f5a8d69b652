/** The platform could not be reached, or went away in the middle of an answer. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** Node's word for what happened: `ECONNREFUSED`, `ECONNRESET`. */
  readonly code: string

  constructor(url: URL, cause: unknown) {
    const code = codeOf(cause)
    super(`Could not talk to the platform at ${url.origin}: ${reason(code, cause)}`, { cause })
    this.code = code
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : ''
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'nothing listens there. Is it running? On the machine itself it is started with: tidemark server',
  ENOTFOUND: 'there is no host of that name. Check TIDEMARK_URL, or log in again: tidemark login --url URL',
  EAI_AGAIN: 'the name of the host could not be looked up. Check the network and try again.',
  ECONNRESET: 'the connection was closed before the answer was complete. Try again.',
  EPIPE: 'the connection was closed before the request was complete. Try again.',
  ETIMEDOUT: 'it does not answer. Check the network and try again.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another host. Use the host name the certificate was made for.',
  CERT_HAS_EXPIRED: 'its certificate has expired.',
}

const UNKNOWN_CA = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

function reason(code: string, cause: unknown): string {
  if (UNKNOWN_CA.has(code)) {
    return "its certificate was signed by nobody this machine trusts. Give the platform's CA file in TIDEMARK_CA_FILE, or with: tidemark login --ca-file FILE"
  }
  return REASONS[code] ?? `${cause instanceof Error ? cause.message : String(cause)}.`
}

/** A connection that broke, before or in the middle of an answer; a refusal by the platform is something else. */
export function isCutOff(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof Error && 'code' in error)
}
