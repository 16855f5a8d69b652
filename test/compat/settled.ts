import { call } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import type { TestPlatform } from '../support/platform.ts'

interface Counted {
  type: string
  quantity: number
}

/** Waits until nothing of an account's apps is on its way, so that what is asked next has one answer. */
export async function settled(platform: TestPlatform, token: string): Promise<void> {
  const read = async (path: string) => {
    const { status, body } = await call(platform, { path, token })
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`)
    return body
  }
  await eventually('no release pending, all dynos up', async () => {
    for (const { id } of await read('/users/~/apps')) {
      const [releases, formation, dynos] = await Promise.all([
        read(`/apps/${id}/releases`),
        read(`/apps/${id}/formation`),
        read(`/apps/${id}/dynos`),
      ])
      if (releases.some(({ status }: { status: string }) => status === 'pending')) return undefined
      if (dynos.some(({ state }: { state: string }) => state !== 'up')) return undefined
      const wanted = (formation as Counted[]).reduce((sum, { quantity }) => sum + quantity, 0)
      if (dynos.length !== wanted) return undefined
    }
    return true
  })
}
