/** Bytes as a person reads them: `0.6kB`, `12.3kB`, `8.3MB`. Powers of a thousand. */
export function byteSize(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)}kB` : `${(bytes / 1_000_000).toFixed(1)}MB`
}

/** A limit, without decimals where it has none: `500MB`. */
export function limitSize(bytes: number): string {
  return byteSize(bytes).replace('.0', '')
}
