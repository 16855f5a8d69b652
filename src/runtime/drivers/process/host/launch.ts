import type { Confined, Identity } from '../../../../sandbox/sandbox.ts'
import type { DynoSpec } from '../../../driver.ts'
import type { DynoFiles } from './file-systems.ts'

/** The file descriptor on which a dyno says that it is in place, and is told to go on. */
export const GATE = 3

/** What the dyno writes to the gate once it is in place. */
export const IN_PLACE = 'in place\n'
export const GO = 'go\n'

/**
 * Waits at the gate until its process is on record, so that no kill of the host leaves a program nobody knows of: a
 * host that is gone closes the gate. Then prepares the environment as buildpacks expect and becomes the command.
 */
const LAUNCH = `
printf '${IN_PLACE.trim()}\\n' >&${GATE} && read -r <&${GATE} || exit 70
exec ${GATE}>&- 2>&1
for __file in "$HOME"/.profile.d/*.sh; do [ -r "$__file" ] && . "$__file"; done
[ -r "$HOME/.profile" ] && . "$HOME/.profile"
unset __file
exec bash -c "$1"
`

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin'

export interface LaunchInput {
  spec: DynoSpec
  files: DynoFiles
  port: number | null
  /** Directories with programs of the platform, before the system's in PATH. */
  path: readonly string[]
  identity: Identity | null
}

/** The program a dyno is, ready for the sandbox. Its variables are in the environment and nowhere else. */
export function launch({ spec, files, port, path, identity }: LaunchInput): Confined {
  return {
    command: ['/bin/bash', '-c', LAUNCH, 'bash', spec.command],
    environment: {
      PATH: [...path, SYSTEM_PATH].join(':'),
      ...spec.environment,
      ...(port === null ? {} : { PORT: String(port) }),
      HOME: files.home,
    },
    workingDirectory: files.home,
    mounts: files.mounts,
    identity,
  }
}
