import { type Output, printable } from './output.ts'

export function numbered(urls: readonly string[]): string[] {
  return urls.length === 1 ? urls.map(printable) : urls.map((url, index) => `${index + 1}. ${printable(url)}`)
}

/** Says what the next build will use. */
export function announce(output: Output, app: string, urls: readonly string[]): void {
  if (urls.length === 0) {
    output.note(`Buildpacks cleared. The next build of ${app} finds out which fits.`)
    return
  }
  output.note(`Buildpacks set. The next build of ${app} will use:`)
  output.print(...numbered(urls))
}
