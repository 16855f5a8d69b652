import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namespaceSandbox } from './namespaces.ts'

const layout = { root: '/s/root', plan: '/s/plan', devices: '/s/dev', readOnly: ['/usr'] }
const support = {
  layout,
  privilege: 'root',
  hasOverlay: true,
  server: { uid: 0, gid: 0 },
  caveats: [],
} as const
const confined = {
  command: ['/bin/true'],
  environment: { LD_PRELOAD: '/app/evil.so', PATH: '/app/bin', KEY: 'secret' },
  workingDirectory: '/',
  mounts: [],
  identity: { uid: 700_001, gid: 700_001 },
}

test('programs that still hold privileges get none of the app’s variables', () => {
  const { environment } = namespaceSandbox(support).invocation(confined)
  assert.equal(environment.LD_PRELOAD, undefined)
  assert.equal(environment.PATH, '/usr/sbin:/usr/bin:/sbin:/bin')
})

test('no value of a variable is among the arguments', () => {
  const { args } = namespaceSandbox(support).invocation(confined)
  assert.ok(!args.join(' ').includes('secret'))
})

test('a variable that bash could not hand on is refused', () => {
  const environment = { 'BASH_FUNC_ls%%': '() { true; }' }
  assert.throws(
    () => namespaceSandbox(support).invocation({ ...confined, environment }),
    /letters, digits and underscores/,
  )
})
