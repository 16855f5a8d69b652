import { StoreFull } from './store.ts'

export function isDiskFull(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** A full disk is worth a sentence of its own; any other error stays as it is. */
export function explained(error: unknown): unknown {
  return isDiskFull(error) ? new StoreFull({ cause: error }) : error
}
