import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Layout, mountPlan } from './mount-plan.ts'

const layout: Layout = {
  root: '/s/root',
  plan: '/s/plan',
  devices: '/s/dev',
  readOnly: ['/usr', '/opt/node'],
}

test('the root comes first and the program’s own mounts last', () => {
  const targets = mountPlan(layout, [{ kind: 'tmpfs', at: '/cache' }], 'root').map(entry => entry.target)
  assert.equal(targets[0], '/s/root')
  assert.equal(targets.at(-1), '/s/root/cache')
})

test('a directory of the machine below /tmp is not hidden by the fresh /tmp', () => {
  const node = '/tmp/checkout/node/bin'
  const targets = mountPlan({ ...layout, readOnly: [node] }, [], 'root').map(entry => entry.target)
  assert.ok(targets.indexOf('/s/root/tmp') < targets.indexOf(`/s/root${node}`))
})

test('nor by a /tmp of the program', () => {
  const node = '/tmp/checkout/node/bin'
  const own = { kind: 'bind', from: '/build', at: '/tmp', readOnly: false } as const
  const entries = mountPlan({ ...layout, readOnly: [node] }, [own], 'root')
  assert.equal(entries.at(-1)?.target, `/s/root${node}`)
})

test('directories of the machine are read-only and without setuid programs', () => {
  const usr = mountPlan(layout, [], 'root').find(entry => entry.target === '/s/root/opt/node')
  assert.deepEqual(usr?.options, ['rbind', 'ro', 'nosuid', 'nodev', 'X-mount.mkdir'])
})

test('an overlay names its directories by numbers, the highest layer first', () => {
  const overlay = {
    kind: 'overlay',
    lower: ['/l,1', '/l:2'],
    upper: '/d,:\\/upper',
    work: '/d,:\\/work',
    at: '/app',
  } as const
  const entries = mountPlan(layout, [overlay], 'user-namespace')
  assert.deepEqual(
    entries.slice(-4).map(entry => [entry.source, entry.target]),
    [
      ['/l,1', '/s/plan/0-0'],
      ['/l:2', '/s/plan/0-1'],
      ['/d,:\\', '/s/plan/0-state'],
      ['overlay', '/s/root/app'],
    ],
  )
  assert.deepEqual(entries.at(-1)?.options.slice(0, 4), [
    'lowerdir=0-1:0-0',
    'upperdir=0-state/upper',
    'workdir=0-state/work',
    'userxattr',
  ])
})

test('what overlayfs cannot take is refused', () => {
  const overlay = { kind: 'overlay', lower: ['/l'], upper: '/a/upper', work: '/b/work', at: '/app' } as const
  assert.throws(() => mountPlan(layout, [overlay], 'root'), /one parent/)
  assert.throws(
    () => mountPlan(layout, [{ ...overlay, upper: '/b/u,p' }], 'root'),
    /must be named with letters/,
  )
})

test('a mount point outside of the root is refused', () => {
  for (const at of ['/../etc', 'app', '/', '/a/../../b']) {
    assert.throws(() => mountPlan(layout, [{ kind: 'tmpfs', at }], 'root'), /absolute path below/)
  }
})
