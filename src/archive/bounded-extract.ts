import { type Extract, extract, type Header } from 'tar-stream'
import { ArchiveFault } from './inside.ts'

/** Bytes an entry's long names and attributes may take: more than a file system stores with a file. */
const LONGEST = 128 * 1024
/** A global header is copied to each entry that follows. Git's holds one line. */
const LONGEST_GLOBAL = 4 * 1024
const ALL_TOGETHER = 512_000_000

/**
 * A reader of tars whose extended headers have a bound. That of tar-stream is 4 MB for each, which takes half a second to
 * read, and as much again for each entry after a global one: a small archive would keep the server busy for hours.
 */
export function boundedExtract(): Extract {
  const entries = extract()
  // There is no setting for it.
  const inside = entries as unknown as Inside
  const decode = inside._decodeLongHeader
  let together = 0
  inside._decodeLongHeader = function (bytes) {
    together += bytes.length
    if (bytes.length > (this._header.type === 'pax-global-header' ? LONGEST_GLOBAL : LONGEST))
      throw tooLong(`has a header of ${bytes.length.toLocaleString('en')} bytes`)
    if (together > ALL_TOGETHER) throw tooLong('has more than 512 MB of headers')
    decode.call(this, bytes)
  }
  return entries
}

interface Inside {
  _header: Omit<Header, 'type'> & { type: string }
  _decodeLongHeader(this: Inside, bytes: Uint8Array): void
}

function tooLong(what: string): ArchiveFault {
  return new ArchiveFault(
    `The archive ${what}. Make it without extended attributes, tar --no-xattrs for example.`,
  )
}
