import type { Artifact } from '../core/artifact.ts'
import type { Reader } from '../ledger/ledger.ts'

/** Why the bytes of a destroyed artifact are gone, as a sentence: the reason that the releases with it expired for. */
export async function whyDestroyed(reader: Reader, { id, appId, kind }: Artifact): Promise<string> {
  const what = kind === 'slug' ? 'slug' : 'image'
  const releases = await reader.releases.ofArtifacts(appId, [id])
  const [newest] = releases
    .filter(({ status }) => status === 'expired')
    .toSorted((a, b) => b.version - a.version)
  if (newest?.reason) return `This ${what} was destroyed when v${newest.version} expired: ${newest.reason}.`
  if (!(await reader.apps.byId(appId))) return `This ${what} was destroyed with its app.`
  return `This ${what} was destroyed by the retention policy: no release had used it for a day.`
}
