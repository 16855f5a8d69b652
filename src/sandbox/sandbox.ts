/** Who a program runs as. Numeric ids are only used when the server is root. */
export interface Identity {
  uid: number
  gid: number
}

/** A program to run where it sees the system's own programs, its directories, and nothing of the platform. */
export interface Confined {
  command: readonly string[]
  /** The whole environment; nothing is inherited. */
  environment: Readonly<Record<string, string>>
  /** Directory (absolute, as seen inside) to start in. */
  workingDirectory: string
  /** Host directories made visible inside. */
  mounts: readonly Mount[]
  /** null keeps the server's own user (when it is not root). */
  identity: Identity | null
}

export type Mount =
  | { kind: 'bind'; from: string; at: string; readOnly: boolean }
  /** A writable view over read-only layers, lowest first; changes land in `upper`. `work` is overlayfs's own. */
  | { kind: 'overlay'; lower: readonly string[]; upper: string; work: string; at: string }
  | { kind: 'tmpfs'; at: string }

/** What `child_process.spawn` is to be called with. */
export interface Invocation {
  file: string
  args: readonly string[]
  environment: Readonly<Record<string, string>>
  uid?: number
  gid?: number
  workingDirectory: string
}

export interface Sandbox {
  /** Pure: how to run `confined` on this machine. */
  invocation(confined: Confined): Invocation
  /** Whether `overlay` mounts work; without them a caller has to copy. */
  readonly hasOverlay: boolean
  /** Whether directories appear at the paths asked for (`/app`); without it a program sees host paths. */
  readonly hasMounts: boolean
  /** What this machine cannot promise, in sentences. */
  readonly caveats: readonly string[]
}
