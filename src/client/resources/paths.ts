/** A path of the API out of its parts, each encoded: `path('apps', 'shop', 'dynos')` is `/apps/shop/dynos`. */
export function path(...parts: readonly string[]): string {
  return parts.map(part => `/${encodeURIComponent(part)}`).join('')
}
