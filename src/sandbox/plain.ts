import type { Confined, Invocation, Sandbox } from './sandbox.ts'

/** No isolation but the user's: for machines that offer nothing more. `caveats` says so. */
export function plainSandbox(isRoot: boolean): Sandbox {
  return {
    invocation: plainInvocation,
    hasOverlay: false,
    hasMounts: false,
    caveats: [isRoot ? AS_ROOT : AS_USER],
  }
}

const AS_ROOT =
  'This machine offers no mount namespaces: programs of apps run as users of their own, but see the whole file system and may read what is readable for all.'
const AS_USER =
  "This machine offers no mount namespaces: programs of apps run as the server's own user and can read and change everything it can, the platform's data included."

function plainInvocation({ command, environment, workingDirectory, identity, mounts }: Confined): Invocation {
  if (mounts.length > 0)
    throw new Error('Nothing can be mounted here: this sandbox has no mounts (hasMounts is false).')
  const [file, ...args] = command
  if (file === undefined) throw new Error('There is no program to run: the command is empty.')
  return { file, args, environment, workingDirectory, ...(identity ?? {}) }
}
