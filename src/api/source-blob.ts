import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Actor } from '../core/account.ts'
import type { App } from '../core/app.ts'
import type { BuildSource } from '../core/build.ts'
import { invalid } from '../core/errors.ts'
import type { ApiContext } from './context.ts'
import { capabilitiesOf } from './stream-url.ts'

const CHECKSUM = /^SHA256:([0-9a-f]{64})$/i

/** What to build: a tarball uploaded here before, named by its get_url, or one to be fetched from elsewhere. */
export async function buildSource(
  context: ApiContext,
  { app, by }: { app: App; by: Actor },
  blob: { url: string; checksum?: string | null },
): Promise<BuildSource> {
  const url = URL.canParse(blob.url) ? new URL(blob.url) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid(
      'source_blob.url must be the get_url of a source (POST /sources), or an http(s) URL of a gzipped tarball.',
    )
  }
  const expected = blob.checksum ? CHECKSUM.exec(blob.checksum)?.[1]?.toLowerCase() : undefined
  if (blob.checksum && !expected)
    throw invalid('source_blob.checksum must be SHA256: and 64 hexadecimal digits.')
  const sourceId = /^\/sources\/([0-9a-f-]{36})$/.exec(url.pathname)?.[1]
  const isOurs = sourceId !== undefined && capabilitiesOf(context).holds('GET', url.pathname + url.search)
  if (!isOurs) return { kind: 'url', url: blob.url, ...(expected && { checksum: `SHA256:${expected}` }) }

  const source = await context.ledger.read.sources.byId(sourceId)
  if (!source || (source.appId === null ? source.accountId !== by.id : source.appId !== app.id)) {
    throw invalid('This source belongs to another app or account. Upload it for this one: POST /sources.')
  }
  if (source.receivedAt === null)
    throw invalid('The source was not uploaded yet. PUT the tarball to its put_url first.')
  const file = join(context.sourcesDirectory, sourceId)
  if (expected && (await sha256(file)) !== expected) {
    throw invalid('The uploaded source does not have this checksum. Upload it again.')
  }
  return { kind: 'source', sourceId }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
