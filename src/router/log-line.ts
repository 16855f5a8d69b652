import type { RouterError } from './errors.ts'

/** What one request leaves behind. Undefined values are printed as nothing: `dyno= connect=`. */
export interface RequestRecord {
  method: string
  path: string
  host: string
  requestId: string
  fwd: string
  dyno: string | undefined
  /** Milliseconds until the dyno had accepted the request. */
  connect: number | undefined
  /** Milliseconds from then on. */
  service: number | undefined
  status: number
  bytes: number | undefined
  error?: RouterError | undefined
  /** Closer description of an H25 or H26. */
  cause?: string | undefined
}

/** The router's line, its fields in the order that log readers know. */
export function routerLine(record: RequestRecord): string {
  const { error, cause } = record
  const fault = error
    ? `${error.sock ? `sock=${error.sock} ` : ''}at=${error.at} code=${error.code} desc="${error.desc}"${cause ? ` cause="${cause}"` : ''}`
    : 'at=info'
  return `${fault} method=${plain(record.method)} path="${plain(record.path)}" host=${plain(record.host)} request_id=${plain(record.requestId)} fwd="${plain(record.fwd)}" dyno=${record.dyno ?? ''} connect=${time(record.connect)} service=${time(record.service)} status=${record.status} bytes=${record.bytes ?? ''} protocol=http`
}

function time(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : `${Math.round(milliseconds)}ms`
}

const UNSAFE = /[^\x21\x23-\x7e]/

/** Percent-encodes quotes, blanks, line ends and all but ASCII, so that no request can forge a field or a line. */
function plain(text: string): string {
  if (!UNSAFE.test(text)) return text
  return text.replace(
    /[^\x21\x23-\x7e]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
