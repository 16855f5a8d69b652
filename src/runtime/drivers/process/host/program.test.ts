import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { plainSandbox } from '../../../../sandbox/plain.ts'
import { probe } from '../../../../sandbox/probe.ts'
import type { DynoSpec } from '../../../driver.ts'
import { launch } from './launch.ts'
import { Program } from './program.ts'

const spec: DynoSpec = {
  ...{
    id: 'a',
    appId: 'app',
    appName: 'app',
    releaseId: 'release',
    kind: 'run',
    name: 'run.1',
    type: 'run',
    number: 1,
  },
  ...{
    command: 'echo "$KEY $PWD"; exit 4',
    image: 'image',
    fingerprint: '',
    environment: { KEY: 'value' },
    listens: false,
    size: 'Basic',
  },
}
const isRoot = process.getuid?.() === 0
const identity = isRoot ? { uid: 700_003, gid: 700_003 } : null

/** As on a machine without namespaces. */
function invocation(home: string) {
  return plainSandbox(isRoot).invocation(
    launch({ spec, files: { home, mounts: [] }, port: null, path: [], identity }),
  )
}

test('a program waits at its gate, then becomes its command', async () => {
  const program = await Program.start(invocation('/tmp'))
  const printed: Buffer[] = []
  program.output.on('data', (chunk: Buffer) => printed.push(chunk))
  const process = await program.inPlace()
  assert.equal(process?.uid, identity?.uid ?? globalThis.process.getuid?.())
  program.release()
  assert.equal(await program.exited, 4)
  await program.end()
  assert.equal(Buffer.concat(printed).toString(), 'value /tmp\n')
})

test('a program whose gate is closed never runs its command', async () => {
  const program = await Program.start(invocation('/tmp'))
  const printed: Buffer[] = []
  program.output.on('data', (chunk: Buffer) => printed.push(chunk))
  await program.inPlace()
  program.abandon()
  assert.equal(await program.exited, 70)
  await program.end()
  assert.equal(printed.length, 0)
})

test('a program that cannot be started at all is refused', async () => {
  await assert.rejects(Program.start(invocation('/nowhere')), /ENOENT/)
})

test('the end of a program harms no later one, though the system gives namespace numbers out again', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-program-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const sandbox = await probe({ directory, extraReadOnly: [] })
  if (!sandbox.hasMounts) return t.skip('This machine offers no mount namespaces.')
  const waiting = { ...spec, command: 'sleep 60' }
  const start = async () => {
    const mounts = [{ kind: 'tmpfs' as const, at: '/app' }]
    const confined = launch({
      spec: waiting,
      files: { home: '/app', mounts },
      port: null,
      path: [],
      identity,
    })
    const program = await Program.start(sandbox.invocation(confined))
    program.output.resume()
    assert.ok(await program.inPlace(), program.complaint)
    program.release()
    return program
  }
  for (let round = 0; round < 10; round++) {
    const earlier = await start()
    earlier.signal('SIGKILL')
    await earlier.exited
    const later = await start()
    await earlier.end()
    later.signal('SIGTERM')
    assert.equal(await later.exited, 143)
    await later.end()
  }
})
