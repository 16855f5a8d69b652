import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { extractTar } from '../../archive/extract.ts'
import { ArchiveFault, isInApp } from '../../archive/inside.ts'
import {
  IMPORT_LIMITS,
  ImageRefused,
  type ImageSource,
  type ImportLimits,
  type SlugSource,
} from '../store.ts'
import type { Temporaries } from '../temporary.ts'
import { readArchive } from './upload.ts'

/** Unpacks a slug, a tar of `./app`, and hands it to `put` as what a build would have left. */
export async function withSlug<T>(
  archive: AsyncIterable<Uint8Array>,
  slug: SlugSource & ImportLimits & { temporaries: Temporaries; signal: AbortSignal },
  put: (source: ImageSource) => Promise<T>,
): Promise<T> {
  const { temporaries, signal, processTypes, stack, commit } = slug
  const into = temporaries.path()
  await mkdir(into)
  try {
    const limits = slug.unpacked ?? IMPORT_LIMITS.unpacked
    // What is put has its links checked, by the rules for an app.
    const extraction = { into, limits, checkLinks: false, wants: refuseOutside, signal }
    await readArchive(archive, tar => extractTar(tar, extraction), signal)
    const directory = join(into, 'app')
    const stats = await stat(directory).catch(() => undefined)
    if (!stats?.isDirectory())
      throw new ImageRefused('The slug has no directory ./app. Make it with tar -czf slug.tgz ./app.')
    return await put({ layers: [{ directory, at: '', exclude: [] }], processTypes, stack, commit })
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    throw new ImageRefused(`The slug cannot be used. ${error.message}`, { cause: error })
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

function refuseOutside(path: string): boolean {
  if (path === '' || isInApp(path)) return true
  throw new ArchiveFault(
    `${JSON.stringify(path)} lies outside of ./app. A slug is a tar of the directory app alone: tar -czf slug.tgz ./app.`,
  )
}
