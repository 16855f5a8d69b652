import assert from 'node:assert/strict'
import type { Change, ReleaseContent } from '../../src/core/change.ts'
import { nextRelease, type Release } from '../../src/core/release.ts'
import type { Reader } from '../../src/ledger/ledger.ts'

/** A change as it was asked for: a rollback names its target and nothing else. */
type AcceptedChange = Change | { kind: 'rollback-to'; version: number }

/** Every change that was accepted, and what must have become of it. */
export class AcceptedChanges {
  readonly #byVersion = new Map<number, AcceptedChange>([[1, { kind: 'initial' }]])

  add(release: Release, change: AcceptedChange): void {
    assert.equal(release.version, this.#byVersion.size + 1)
    this.#byVersion.set(release.version, change)
  }

  /** The ledger is the fold of the changes that did not fail: none lost, none of the failed smuggled in. */
  async check(releases: readonly Release[], reader: Reader): Promise<void> {
    const versions = releases.map(release => release.version)
    assert.deepEqual(
      versions,
      [...this.#byVersion.keys()],
      'one release for each change, numbered without a gap',
    )
    const contents = new Map<number, ReleaseContent>()
    let head: ReleaseContent | undefined
    for (const { version, status, artifactId, configId } of releases) {
      if (status === 'failed') continue
      head = nextRelease(head, this.#changeOf(version, contents))
      contents.set(version, head)
      const config = await reader.configs.load(configId)
      const expected = { version, artifactId: head.artifactId, config: head.config }
      assert.deepEqual({ version, artifactId, config }, expected)
    }
  }

  #changeOf(version: number, contents: ReadonlyMap<number, ReleaseContent>): Change {
    const change = this.#byVersion.get(version)
    assert.ok(change)
    if (change.kind !== 'rollback-to') return change
    const content = contents.get(change.version)
    assert.ok(content, 'what was rolled back to had not failed')
    return { kind: 'rollback', version: change.version, content }
  }
}
