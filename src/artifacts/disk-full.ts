import { isDiskFull } from '../files/disk-full.ts'
import { StoreFull } from './store.ts'

/** A full disk is worth a sentence of its own; any other error stays as it is. */
export function explained(error: unknown): unknown {
  return isDiskFull(error) ? new StoreFull({ cause: error }) : error
}
