/** A full disk is worth a sentence of its own; any other error stays as it is. */
export function explained(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new Error("No space is left on the artifact store's disk. Free some space and deploy again.", {
    cause: error,
  })
}
