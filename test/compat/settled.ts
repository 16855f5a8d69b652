import { setTimeout as after } from 'node:timers/promises'
import { call } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import type { TestPlatform } from '../support/platform.ts'

/** Each look costs requests, of which an account has so many a minute. */
const BETWEEN_LOOKS = 200

/** Waits until nothing of an account's apps is on its way, so that what is asked next has one answer. */
export async function settled(platform: TestPlatform, token: string): Promise<void> {
  const read = async (path: string) => {
    const { status, body } = await call(platform, { path, token })
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`)
    return body
  }
  await eventually('no release pending, all dynos up, all add-ons there', async () => {
    const apps: { id: string }[] = await read('/users/~/apps')
    const looks = await Promise.all(apps.map(app => isSettled(app.id, read)))
    const addons: { state: string }[] = await read('/addons')
    if (looks.every(Boolean) && addons.every(({ state }) => state === 'provisioned')) return true
    await after(BETWEEN_LOOKS)
    return undefined
  })
}

async function isSettled(id: string, read: (path: string) => Promise<unknown>): Promise<boolean> {
  const [releases, formation, dynos] = (await Promise.all([
    read(`/apps/${id}/releases`),
    read(`/apps/${id}/formation`),
    read(`/apps/${id}/dynos`),
  ])) as [{ status: string }[], { quantity: number }[], { state: string }[]]
  const wanted = formation.reduce((sum, { quantity }) => sum + quantity, 0)
  const isRollingOut = releases.some(({ status }) => status === 'pending')
  return !isRollingOut && dynos.length === wanted && dynos.every(({ state }) => state === 'up')
}
