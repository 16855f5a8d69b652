import { CommanderError } from 'commander'
import { ApiError } from '../client/api-error.ts'
import { NotLoggedIn, ProgramEnded, UsageError } from './errors.ts'

/** 0 done, 1 the operation failed, 2 typed wrongly or refused by the platform, 100 not logged in. */
export function exitCode(error: unknown): number {
  if (error instanceof ProgramEnded) return error.status
  if (error instanceof NotLoggedIn) return 100
  if (error instanceof ApiError) return error.status === 401 ? 100 : 2
  if (error instanceof UsageError) return 2
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return 1
}
