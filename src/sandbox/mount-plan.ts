import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import type { FstabEntry } from './fstab.ts'
import type { Mount } from './sandbox.ts'

/** Where a private root is put together, and what of the machine it shows. Made once, by `prepareLayout`. */
export interface Layout {
  /** Empty directory on which every private root is mounted, each in a namespace of its own. */
  root: string
  /** Empty directory that hides the mount table and the sources of overlays from the program. */
  plan: string
  /** Directory with the empty files and the links of a minimal /dev. */
  devices: string
  /** Directories of the machine that a program sees, read-only, at the same path. */
  readOnly: readonly string[]
}

/** How mounts are made here: by the server as root, or inside a user namespace of an ordinary user. */
export type Privilege = 'root' | 'user-namespace'

export const DEVICES: readonly string[] = ['null', 'zero', 'full', 'random', 'urandom', 'tty']

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const GUARDED = ['nosuid', 'nodev']

/**
 * The mounts of one private root, in order: the machine's part, then the program's own. A directory of the machine that
 * one of those would hide (below /tmp, say) is shown after it.
 */
export function mountPlan(layout: Layout, mounts: readonly Mount[], privilege: Privilege): FstabEntry[] {
  const isHidden = (path: string) => mounts.some(mount => path.startsWith(`${mount.at}/`))
  return [
    ...systemEntries(layout, privilege),
    ...mounts.flatMap((mount, index) => entriesOf(mount, { layout, privilege, index })),
    ...layout.readOnly.filter(isHidden).map(path => machine(path, layout)),
  ]
}

function systemEntries({ root, devices, readOnly }: Layout, privilege: Privilege): FstabEntry[] {
  const device = (name: string) => bind(join('/dev', name), join(root, 'dev', name), [])
  return [
    tmpfs(root, 'mode=755', 'size=1m'),
    // Before the machine's directories: one of them may lie below /tmp.
    tmpfs(join(root, 'tmp'), 'mode=1777', 'size=512m'),
    ...readOnly.map(path => machine(path, { root })),
    bind(devices, join(root, 'dev'), ['ro', 'nosuid', 'X-mount.mkdir']),
    ...DEVICES.map(device),
    tmpfs(join(root, 'dev/shm'), 'mode=1777', 'size=64m'),
    processes(join(root, 'proc'), privilege),
  ]
}

function machine(path: string, { root }: Pick<Layout, 'root'>): FstabEntry {
  return bind(path, join(root, path), ['ro', ...GUARDED, 'X-mount.mkdir'])
}

/** Only root can mount a view of /proc that hides other users' processes; a user namespace has to show the machine's. */
function processes(target: string, privilege: Privilege): FstabEntry {
  if (privilege === 'user-namespace') return bind('/proc', target, ['X-mount.mkdir'])
  return {
    source: 'proc',
    target,
    type: 'proc',
    options: ['hidepid=2', 'noexec', ...GUARDED, 'X-mount.mkdir'],
  }
}

function entriesOf(
  mount: Mount,
  place: { layout: Layout; privilege: Privilege; index: number },
): FstabEntry[] {
  const target = join(place.layout.root, inside(mount.at))
  if (mount.kind === 'tmpfs') return [tmpfs(target, 'mode=1777', 'size=512m')]
  if (mount.kind === 'bind') {
    return [bind(mount.from, target, [...(mount.readOnly ? ['ro'] : []), ...GUARDED, 'X-mount.mkdir'])]
  }
  return overlay(mount, target, place)
}

/**
 * overlayfs reads its options as one string in which commas, colons and backslashes have a meaning. Its directories are
 * therefore bound to plain names first, and named relative to the plan's directory, from where mount runs.
 */
function overlay(
  mount: Extract<Mount, { kind: 'overlay' }>,
  target: string,
  { layout, privilege, index }: { layout: Layout; privilege: Privilege; index: number },
): FstabEntry[] {
  const lower = mount.lower.map((_, layer) => `${index}-${layer}`)
  const state = `${index}-state`
  const [upper, work] = siblings(mount)
  return [
    ...mount.lower.map((from, layer) =>
      bind(from, join(layout.plan, `${index}-${layer}`), ['ro', ...GUARDED, 'X-mount.mkdir']),
    ),
    bind(dirname(mount.upper), join(layout.plan, state), ['X-mount.mkdir']),
    {
      source: 'overlay',
      target,
      type: 'overlay',
      options: [
        // overlayfs names the highest layer first.
        `lowerdir=${lower.toReversed().join(':')}`,
        `upperdir=${state}/${upper}`,
        `workdir=${state}/${work}`,
        privilege === 'root' ? 'metacopy=on' : 'userxattr',
        ...GUARDED,
        'X-mount.mkdir',
      ],
    },
  ]
}

/** Names of the upper and the work directory; overlayfs wants both below one mount, so they have to be siblings. */
function siblings({ upper, work }: { upper: string; work: string }): [string, string] {
  if (dirname(upper) !== dirname(work) || upper === work) {
    throw new Error('The upper and the work directory of an overlay must be two directories of one parent.')
  }
  const names: [string, string] = [basename(upper), basename(work)]
  const unsafe = names.find(name => !SAFE_NAME.test(name))
  if (unsafe !== undefined) {
    throw new Error(
      `Overlay directory ${JSON.stringify(unsafe)} must be named with letters, digits, dots, dashes and underscores.`,
    )
  }
  return names
}

function inside(path: string): string {
  if (!isAbsolute(path) || normalize(path) !== path || path === '/') {
    throw new Error(
      `Mount point ${JSON.stringify(path)} must be an absolute path below /, without . or .. in it.`,
    )
  }
  return path
}

function bind(source: string, target: string, options: readonly string[]): FstabEntry {
  // Recursive: inside a user namespace the kernel refuses to leave out what is mounted below.
  return { source, target, type: 'none', options: ['rbind', ...options] }
}

function tmpfs(target: string, ...options: readonly string[]): FstabEntry {
  return { source: 'tmpfs', target, type: 'tmpfs', options: [...options, ...GUARDED, 'X-mount.mkdir'] }
}
