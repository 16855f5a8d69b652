import { formatFstab } from './fstab.ts'
import { type Layout, mountPlan, type Privilege } from './mount-plan.ts'
import type { Confined, Identity, Invocation, Sandbox } from './sandbox.ts'

/** What a machine with mount namespaces was found to offer. */
export interface NamespaceSupport {
  layout: Layout
  privilege: Privilege
  hasOverlay: boolean
  /** Who the server itself is. */
  server: Identity
  caveats: readonly string[]
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Names of the program's variables until it has lost every privilege: see {@link TAKE_ENVIRONMENT}. */
const CARRIED = '__CARRIED_'

/** Puts the root together and hands over. Arguments: plan directory, mount table, root directory, owner, paths to own, `--`, the rest. */
const ASSEMBLE = `
plan=$1 table=$2 root=$3 owner=$4; shift 4
mount -n -t tmpfs -o size=1m,mode=700 tmpfs "$plan" && cd "$plan" || exit 70
printf %s "$table" > table && mount --all --no-mtab --fstab ./table || exit 70
while [ "$1" != -- ]; do chown -R -h "$owner" "$root$1" || exit 70; shift; done
shift
exec "$@"
`

/**
 * The program's variables are not this side's business: with LD_PRELOAD or PATH among them, programs that still hold
 * privileges would obey the app. They travel under a prefix and get their names back in the last step, unprivileged.
 * A program that is a bash script anyway (`/bin/bash -c script name …`) runs in the very bash that does this.
 */
const TAKE_ENVIRONMENT = `
unset LC_ALL PATH
for __name in "\${!${CARRIED}@}"; do export "\${__name#${CARRIED}}=\${!__name}" 2>/dev/null; unset "$__name"; done
unset __name
if [ "$1 $2" = '/bin/bash -c' ]; then __script=$3; shift 4; eval "unset __script
$__script"; exit; fi
exec "$@"
`

/** A sandbox in which a program sees a root directory of its own, made of mounts that end with it. */
export function namespaceSandbox(support: NamespaceSupport): Sandbox {
  return {
    invocation: confined => invocation(confined, support),
    hasOverlay: support.hasOverlay,
    hasMounts: true,
    caveats: support.caveats,
  }
}

function invocation(confined: Confined, { layout, privilege, server }: NamespaceSupport): Invocation {
  const { identity, mounts } = confined
  const owned =
    identity === null ? [] : mounts.filter(mount => mount.kind === 'overlay').map(mount => mount.at)
  const program = ['/bin/bash', '-c', TAKE_ENVIRONMENT, 'bash', ...confined.command]
  const place = [`--root=${layout.root}`, `--wd=${confined.workingDirectory}`, '--']
  return {
    file: 'unshare',
    args: [
      ...(privilege === 'root' ? [] : ['--map-root-user']),
      ...['--mount', '--propagation', 'private', '--', '/bin/sh', '-c', ASSEMBLE, 'sh'],
      ...[layout.plan, formatFstab(mountPlan(layout, mounts, privilege)), layout.root],
      ...[identity === null ? '' : `${identity.uid}:${identity.gid}`, ...owned, '--'],
      ...(privilege === 'root' ? enterAsRoot(place, identity ?? server) : enterAsUser(place, server)),
      ...program,
    ],
    environment: { PATH: SYSTEM_PATH, LC_ALL: 'C', ...carried(confined.environment) },
    workingDirectory: '/',
  }
}

/** Changes the root, then becomes a user without any capability, now or after any exec. */
function enterAsRoot(place: readonly string[], { uid, gid }: Identity): string[] {
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  return [
    'unshare',
    ...place,
    'setpriv',
    ...identity,
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--',
  ]
}

/** A second user namespace, in which the user is itself again, has no say over the first one's mounts. */
function enterAsUser(place: readonly string[], { uid, gid }: Identity): string[] {
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, ...place]
}

function carried(environment: Readonly<Record<string, string>>): Record<string, string> {
  const invalid = Object.keys(environment).find(name => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  if (invalid !== undefined) {
    throw new Error(
      `Environment variable name ${JSON.stringify(invalid)} must consist of letters, digits and underscores.`,
    )
  }
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [CARRIED + name, value]))
}
