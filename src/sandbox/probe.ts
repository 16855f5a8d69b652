import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { prepareLayout } from './layout.ts'
import type { Privilege } from './mount-plan.ts'
import { type NamespaceSupport, namespaceSandbox } from './namespaces.ts'
import { plainSandbox } from './plain.ts'
import type { Mount, Sandbox } from './sandbox.ts'

export interface ProbeOptions {
  /** A directory of the platform for mount points; made when missing. Its path may hold any character. */
  directory: string
  /** Directories that programs see besides the system's own, read-only, at the same path. */
  extraReadOnly: readonly string[]
}

const NETWORK =
  'Programs of apps share the network of this machine: they can reach whatever listens on its loopback address.'
const SAME_USER =
  "The server is not root: programs of apps run as the server's own user, can send signals to its processes and can list all processes of this machine."

const PROBE_TIMEOUT = 10_000

/** Finds what this machine can do by doing it, best first, and gives the sandbox made of that. */
export async function probe({ directory, extraReadOnly }: ProbeOptions): Promise<Sandbox> {
  const server = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }
  const isRoot = server.uid === 0
  // Before Linux 5.8 hiding processes in one view of /proc hid them in all.
  if (process.platform !== 'linux' || (isRoot && !isAtLeast(release(), 5, 8))) return plainSandbox(isRoot)
  const privilege: Privilege = isRoot ? 'root' : 'user-namespace'
  const caveats = isRoot ? [NETWORK] : [NETWORK, SAME_USER]
  const layout = await prepareLayout(directory, extraReadOnly)
  for (const hasOverlay of [true, false]) {
    const support: NamespaceSupport = { layout, privilege, hasOverlay, server, caveats }
    if (await works(support, directory)) return namespaceSandbox(support)
  }
  return plainSandbox(isRoot)
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(part => Number.parseInt(part, 10))
  return actualMajor > major || (actualMajor === major && actualMinor >= minor)
}

async function works(support: NamespaceSupport, directory: string): Promise<boolean> {
  const scratch = await mkdtemp(join(directory, 'probe-'))
  try {
    const [lower, upper, work] = [join(scratch, 'lower'), join(scratch, 'upper'), join(scratch, 'work')]
    for (const path of [lower, upper, work]) await mkdir(path)
    const overlay: Mount = { kind: 'overlay', lower: [lower], upper, work, at: '/probe' }
    return await succeeds(support, support.hasOverlay ? [overlay] : [])
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function succeeds(support: NamespaceSupport, mounts: readonly Mount[]): Promise<boolean> {
  const { file, args, environment, workingDirectory } = namespaceSandbox(support).invocation({
    command: ['/bin/true'],
    environment: {},
    workingDirectory: '/',
    mounts,
    identity: null,
  })
  return new Promise(resolve => {
    const child = spawn(file, args, {
      env: environment,
      cwd: workingDirectory,
      stdio: 'ignore',
      timeout: PROBE_TIMEOUT,
    })
    child.on('error', () => resolve(false))
    child.on('exit', status => resolve(status === 0))
  })
}
