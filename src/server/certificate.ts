import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Duration, Instant } from '../core/time.ts'

type Algorithm = { name: 'ECDSA'; namedCurve: string; hash: string }
const { subtle } = webcrypto

/** A certificate authority, as PEM. */
export interface Authority {
  ca: string
  caKey: string
}

/** Makes the local authority. Its name tells two platforms' authorities apart in a trust store. */
export async function makeAuthority(options: {
  algorithm: Algorithm
  from: Instant
  life: Duration
}): Promise<Authority> {
  const keys = await subtle.generateKey(options.algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Tidemark local authority ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(options.from - 60_000),
    notAfter: new Date(options.from + options.life),
    signingAlgorithm: options.algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { ca: pem(certificate), caKey: await keyPem(keys.privateKey) }
}

/** A server certificate for `names` (host names, wildcards, IP addresses), signed by the authority. */
export async function issue(
  authority: Authority,
  options: { algorithm: Algorithm; names: readonly string[]; from: Instant; life: Duration },
): Promise<{ cert: string; key: string }> {
  const ca = new X509Certificate(authority.ca)
  const signingKey = await subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.caKey),
    options.algorithm,
    false,
    ['sign'],
  )
  const keys = await subtle.generateKey(options.algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${options.names[0]}`,
    issuer: ca.subject,
    notBefore: new Date(options.from - 60_000),
    notAfter: new Date(options.from + options.life),
    signingAlgorithm: options.algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        options.names.map(name => ({
          type: /^[\d.]+$|:/.test(name) ? ('ip' as const) : ('dns' as const),
          value: name,
        })),
      ),
      await AuthorityKeyIdentifierExtension.create(ca),
    ],
  })
  return { cert: pem(certificate), key: await keyPem(keys.privateKey) }
}

function serial(): string {
  // A positive number: the first bit of a serial is its sign.
  return `01${randomBytes(15).toString('hex')}`
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}
