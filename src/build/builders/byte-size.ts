/** Bytes as a person reads them: `512B`, `12.3kB`, `8.3MB`. Powers of a thousand. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)}kB`
  return `${(bytes / 1_000_000).toFixed(1)}MB`
}

/** A limit, without decimals where it has none: `500MB`. */
export function limitSize(bytes: number): string {
  return byteSize(bytes).replace('.0', '')
}
