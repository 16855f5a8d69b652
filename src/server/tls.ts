import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { days } from '../core/time.ts'
import { writeDurably } from '../files/durable.ts'
import { unlessMissing } from '../files/missing.ts'

export interface TlsFiles {
  /** The local authority's certificate, for clients to trust. */
  caFile: string
  cert: string
  key: string
}

const AUTHORITY_LIFE = days(3650)
const CERTIFICATE_LIFE = days(397)
const RENEW_BEFORE = days(30)
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The platform's certificate, from a local authority that is made once. It is renewed a month before it ends. */
export async function tlsFiles(directory: string, names: readonly string[], now: number): Promise<TlsFiles> {
  const caFile = join(directory, 'ca.pem')
  const files = {
    ca: caFile,
    caKey: join(directory, 'ca-key.pem'),
    cert: join(directory, 'cert.pem'),
    key: join(directory, 'key.pem'),
  }
  const found = await readTexts(files)
  if (found && isGood(found.cert, names, now))
    return { caFile, cert: `${found.cert}${found.ca}`, key: found.key }

  // Loaded only here: making a certificate happens once a year.
  const { makeAuthority, issue } = await import('./certificate.ts')
  const authority = found ?? (await makeAuthority({ algorithm: ALGORITHM, from: now, life: AUTHORITY_LIFE }))
  const issued = await issue(authority, { algorithm: ALGORITHM, names, from: now, life: CERTIFICATE_LIFE })
  await writeDurably(files.caKey, authority.caKey)
  await writeDurably(files.ca, authority.ca)
  await writeDurably(files.key, issued.key)
  await writeDurably(files.cert, issued.cert)
  return { caFile, cert: `${issued.cert}${authority.ca}`, key: issued.key }
}

async function readTexts<T extends Record<string, string>>(
  files: T,
): Promise<Record<keyof T, string> | undefined> {
  const reading = Object.entries(files).map(
    async ([name, file]) => [name, await readFile(file, 'utf8')] as const,
  )
  const entries = await unlessMissing(Promise.all(reading))
  return entries && (Object.fromEntries(entries) as Record<keyof T, string>)
}

function isGood(pem: string, names: readonly string[], now: number): boolean {
  const certificate = new X509Certificate(pem)
  return Date.parse(certificate.validTo) - now > RENEW_BEFORE && names.every(name => isFor(certificate, name))
}

function isFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name)) return certificate.checkIP(name) !== undefined
  return (certificate.subjectAltName ?? '').split(', ').includes(`DNS:${name}`)
}
