import { ARCHITECTURE, type Descriptor } from '../image.ts'
import { ImageRefused } from '../store.ts'
import { type IndexEntry, isIndex, parseIndex } from './documents.ts'
import type { Upload } from './upload.ts'

/** An index may name indexes: one for each image, of one manifest for each platform. Nobody goes deeper than this. */
const DEEPEST = 3
/** More than any archive names, however many platforms there are. Each name of each counts. */
const MOST = 1000

/** The manifest of the one image in an archive for this machine, or of the one that was asked for. */
export async function chooseManifest(upload: Upload, wanted: string | undefined): Promise<Descriptor> {
  const all = await new Indexes(upload).manifests()
  const named = all.filter(entry => wanted === undefined || isCalled(entry, wanted))
  if (named.length === 0 && wanted !== undefined)
    throw new ImageRefused(`The archive holds no image ${JSON.stringify(wanted)}. It holds ${namesOf(all)}.`)
  const fitting = named.filter(({ platform }) => platform === null || runsHere(platform))
  const [chosen, ...others] = new Map(fitting.map(entry => [entry.digest, entry])).values()
  if (!chosen) throw wrongPlatform(named.flatMap(({ platform }) => platform ?? []))
  if (others.length > 0)
    throw new ImageRefused(`The archive holds several images: ${namesOf(fitting)}. Say which one to take.`)
  const { mediaType, digest, size } = chosen
  return { mediaType, digest, size }
}

/** Refuses what no processor here runs. */
export function checkPlatform(platform: { os: string; architecture: string }): void {
  if (!runsHere(platform)) throw wrongPlatform([platform])
}

/** The indexes of an archive. Each is read once, however often it is named. */
class Indexes {
  readonly #upload: Upload
  readonly #read = new Map<string, readonly IndexEntry[]>()
  #named = 0

  constructor(upload: Upload) {
    this.#upload = upload
  }

  /** All manifests they lead to. */
  async manifests(): Promise<readonly IndexEntry[]> {
    return this.#below(parseIndex(this.#upload.index), DEEPEST)
  }

  async #below(entries: readonly IndexEntry[], deepest: number): Promise<readonly IndexEntry[]> {
    this.#named += entries.length
    if (this.#named > MOST)
      throw new ImageRefused(
        `The archive names more than ${MOST.toLocaleString('en')} images. Make it again, of one of them.`,
      )
    const manifests: IndexEntry[] = []
    for (const entry of entries) {
      if (!isIndex(entry)) manifests.push(entry)
      else if (deepest === 0)
        throw new ImageRefused('The archive has indexes of indexes of indexes. Make it again.')
      else {
        const below = await this.#below(await this.#entries(entry), deepest - 1)
        // Asked for by the name or digest of the index, each of them is meant.
        const names = [...entry.names, entry.digest]
        manifests.push(...below.map(one => ({ ...one, names: [...names, ...one.names] })))
      }
    }
    return manifests
  }

  async #entries(index: IndexEntry): Promise<readonly IndexEntry[]> {
    const known = this.#read.get(index.digest)
    if (known) return known
    const entries = parseIndex(await this.#upload.document(index, 'index'))
    this.#read.set(index.digest, entries)
    return entries
  }
}

function isCalled(entry: IndexEntry, wanted: string): boolean {
  return entry.digest === wanted || entry.names.includes(wanted)
}

function runsHere({ os, architecture }: { os: string; architecture: string }): boolean {
  return os === 'linux' && architecture === ARCHITECTURE
}

function wrongPlatform(platforms: readonly { os: string; architecture: string }[]): ImageRefused {
  const found = [...new Set(platforms.map(({ os, architecture }) => `${os}/${architecture}`))]
  return new ImageRefused(
    `The archive holds no image for linux/${ARCHITECTURE}, which this machine runs${found.length === 0 ? '' : `, but for ${shown(found)}`}. Build it for linux/${ARCHITECTURE}.`,
  )
}

function namesOf(entries: readonly IndexEntry[]): string {
  return entries.length === 0
    ? 'none'
    : shown([...new Set(entries.map(entry => entry.names[0] ?? entry.digest))])
}

function shown(names: readonly string[]): string {
  const first = names
    .slice(0, 10)
    .map(name => (/^[\x21-\x7e]{1,200}$/.test(name) ? name : JSON.stringify(name)))
  return first.join(', ') + (names.length > 10 ? `, and ${names.length - 10} more` : '')
}
