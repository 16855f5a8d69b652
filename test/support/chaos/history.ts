import assert from 'node:assert/strict'
import type { Release } from '../../../src/client/shapes.ts'
import type { TestApp } from '../app.ts'
import type { Developer } from './developer.ts'

/** Holds an app's ledger, once all has settled, to what its developers were promised. */
export async function assertKept(app: TestApp, developers: readonly Developer[]): Promise<void> {
  const releases = await app.releases()
  assert.deepEqual(
    releases.map(({ version }) => version),
    releases.map((_, index) => index + 1),
    'versions are 1..n',
  )
  for (const release of releases) {
    const { version, status, reason } = release
    assert.notEqual(status, 'pending', `v${version}`)
    // Nothing else is wrong with any change, so nothing else may make one fail.
    if (hasFailed(release)) assert.match(reason ?? '', /superseded by rollback v\d+/, `v${version}`)
    if (status === 'expired')
      assert.match(reason ?? '', /is used by no release within the policy/, `v${version}`)
  }
  for (const developer of developers) assertPromises(releases, developer)
  const config = foldedConfig(releases)
  assert.deepEqual((await app.call('GET', '/config-vars')).body, config)
  const newest = releases.findLast(({ status }) => status === 'succeeded')
  const { status, text } = await app.visit()
  assert.equal(status, 200, text)
  assert.deepEqual(JSON.parse(text), { release: `v${newest?.version}`, told: config })
}

/** Also of one that has expired since: it still says so. */
function hasFailed({ status, reason }: Pick<Release, 'status' | 'reason'>): boolean {
  return status === 'failed' || (status === 'expired' && /; it had failed: /.test(reason ?? ''))
}

/** Acknowledged changes are there, each once; so are those whose answer was asked for again. */
function assertPromises(releases: readonly Release[], { keys, commits, rollbacks }: Developer): void {
  const count = (description: string): number =>
    releases.filter(release => release.description === description).length
  for (const key of keys) assert.equal(count(`Config add ${key}`), 1, `releases of ${key}`)
  for (const version of rollbacks)
    assert.match(releases[version - 1]?.description ?? 'missing', /^Rollback to v\d+$/, `v${version}`)
  for (const commit of commits) {
    const description = `Deploy ${commit.slice(0, 7)}`
    const isDeployed = releases.some(release => release.description === description && !hasFailed(release))
    assert.ok(isDeployed, `${description} succeeded`)
  }
}

/** What config the releases add up to: failed ones count for nothing, a rollback for what it goes back to. */
function foldedConfig(releases: readonly Release[]): Record<string, string> {
  const configs = new Map<number, Record<string, string>>()
  let head: Record<string, string> = {}
  for (const release of releases) {
    const { version, description } = release
    if (hasFailed(release)) continue
    const [, key] = /^Config add (KEY_\w+)$/.exec(description) ?? []
    const [, target] = /^Rollback to v(\d+)$/.exec(description) ?? []
    if (key) head = { ...head, [key]: key.slice(key.lastIndexOf('_') + 1) }
    else if (target) head = configs.get(Number(target)) ?? {}
    configs.set(version, head)
  }
  return head
}
