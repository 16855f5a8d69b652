export function isDiskFull(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** A full disk is worth a sentence of its own; any other error stays as it is. */
export function explained(error: unknown): unknown {
  if (!isDiskFull(error)) return error
  return new Error("No space is left on the artifact store's disk. Free some space and deploy again.", {
    cause: error,
  })
}
