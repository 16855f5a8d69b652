/** Runs one program through the sandbox that this machine offers this user; prints what came of it as JSON. */
import { spawnSync } from 'node:child_process'
import { probe } from '../../src/sandbox/probe.ts'
import type { Confined } from '../../src/sandbox/sandbox.ts'

const { directory, confined } = JSON.parse(process.argv[2] ?? '') as { directory: string; confined: Confined }
const sandbox = await probe({ directory, extraReadOnly: [] })
const mounts = sandbox.hasOverlay ? confined.mounts : []
const { file, args, environment, workingDirectory } = sandbox.invocation({ ...confined, mounts })
const { status, stdout, stderr } = spawnSync(file, args, {
  env: environment,
  cwd: workingDirectory,
  encoding: 'utf8',
})
const { hasOverlay, hasMounts, caveats } = sandbox
console.log(JSON.stringify({ status, stdout, stderr, hasOverlay, hasMounts, caveats }))
