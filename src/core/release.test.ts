import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Attachment } from './attachment.ts'
import type { Change, ReleaseContent } from './change.ts'
import { type ConfigVars, effective, merge } from './config-vars.ts'
import { NEXT_STATUS, nextRelease } from './release.ts'
import { shortLabel } from './release-description.ts'

const HASH = '409cdef0123456789abcdef0123456789abcdef0'
const redis: Attachment = {
  id: 'at1',
  name: 'REDIS',
  addon: { id: 'ad1', name: 'redis-round-1', service: 'redis', plan: 'mini' },
  configVars: ['REDIS_URL'],
  isStray: false,
}
const head: ReleaseContent = { artifactId: 'a1', config: { A: '1' }, attachments: [redis] }

describe('the next release', () => {
  for (const [title, before, change, expected] of [
    [
      'the first one is empty',
      undefined,
      { kind: 'initial' },
      { artifactId: null, config: {}, attachments: [], description: 'Initial release' },
    ],
    [
      'a deploy brings an artifact and keeps the config',
      head,
      { kind: 'deploy', artifactId: 'a2', label: HASH },
      { ...head, artifactId: 'a2', description: 'Deploy 409cdef' },
    ],
    [
      'a deploy of nothing known',
      head,
      { kind: 'deploy', artifactId: 'a2', label: null },
      { ...head, artifactId: 'a2', description: 'Deploy' },
    ],
    [
      'an artifact by itself says what its releaser said',
      head,
      { kind: 'artifact', artifactId: 'a2', description: 'by hand' },
      { ...head, artifactId: 'a2', description: 'by hand' },
    ],
    [
      'config changes the config and keeps the artifact',
      head,
      { kind: 'config', patch: { B: '2', A: null } },
      { ...head, config: { B: '2' }, description: 'Config add B, remove A' },
    ],
    [
      'config that is partly there already says only what changed',
      head,
      { kind: 'config', patch: { A: '1', B: '2', C: null } },
      { ...head, config: { A: '1', B: '2' }, description: 'Config add B' },
    ],
    [
      'config that is all there by the time its turn comes says what was asked for',
      head,
      { kind: 'config', patch: { A: '1' } },
      { ...head, description: 'Config add A' },
    ],
    [
      'a rollback copies artifact and config, and leaves the add-ons as they are',
      head,
      { kind: 'rollback', version: 3, content: { artifactId: 'a0', config: { Z: '0' }, attachments: [] } },
      { artifactId: 'a0', config: { Z: '0' }, attachments: [redis], description: 'Rollback to v3' },
    ],
    [
      'a retry without an artifact takes the one that is there',
      head,
      { kind: 'retry', version: 4, description: 'Deploy 409cdef', artifactId: null },
      { ...head, description: 'Retry of v4: Deploy 409cdef' },
    ],
  ] satisfies [string, ReleaseContent | undefined, Change, Omit<ReturnType<typeof nextRelease>, 'kind'>][]) {
    it(title, () => assert.deepEqual(nextRelease(before, change), { ...expected, kind: change.kind }))
  }

  it('shares what it keeps, so that an unchanged config is known to be the same snapshot', () => {
    assert.equal(nextRelease(head, { kind: 'deploy', artifactId: 'a2', label: null }).config, head.config)
  })
})

describe('the label of a deploy', () => {
  for (const [label, shown] of [
    [HASH, '409cdef'],
    [`${HASH}${'0'.repeat(24)}`, '409cdef'],
    ['409cdef01', '409cdef01'],
    ['v1.2.3', 'v1.2.3'],
    [HASH.slice(1), HASH.slice(1)],
  ] as const) {
    it(`${label} is shown as ${shown}`, () => assert.equal(shortLabel(label), shown))
  }
})

it('the status of a release never moves back', () => {
  const later = { pending: 0, succeeded: 1, failed: 1, expired: 2 }
  for (const [from, all] of Object.entries(NEXT_STATUS)) {
    for (const to of all) assert.ok(later[to] > later[from as keyof typeof later], `${from} -> ${to}`)
  }
})

const name = fc.constantFrom('A', 'B', 'constructor', 'toString')
const change = fc.oneof(
  fc.record({ kind: fc.constant('deploy'), artifactId: fc.uuid(), label: fc.option(fc.string()) }),
  fc.record({
    kind: fc.constant('config'),
    patch: fc.dictionary(name, fc.option(fc.string()), { minKeys: 1 }),
  }),
  fc.record({ kind: fc.constant('rollback'), back: fc.nat(), content: fc.constant(null) }),
)

it('folded over any history, each release is what its own change makes of the one before', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), changes => {
      const history = [nextRelease(undefined, { kind: 'initial' })]
      for (const wanted of changes) {
        const before = history.at(-1)
        assert.ok(before)
        const version = wanted.kind === 'rollback' ? (wanted.back % history.length) + 1 : 0
        const target = history[version - 1]
        const next = nextRelease(
          before,
          target ? { kind: 'rollback', version, content: target } : (wanted as Change),
        )
        history.push(next)
        if (target) assert.deepEqual([next.artifactId, next.config], [target.artifactId, target.config])
        if (wanted.kind === 'config') assertConfig(before.config, wanted.patch, next.config)
        if (wanted.kind === 'deploy')
          assert.deepEqual([next.artifactId, next.config], [wanted.artifactId, before.config])
        assert.ok(next.description.length > 'Config '.length || wanted.kind === 'deploy')
      }
    }),
  )
})

function assertConfig(before: ConfigVars, patch: Record<string, string | null>, after: ConfigVars): void {
  assert.deepEqual(effective(after, patch), {}, 'all of the change is in')
  assert.deepEqual(after, merge(before, patch), 'and nothing else is')
}
