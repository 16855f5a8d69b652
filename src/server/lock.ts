import { DatabaseSync } from 'node:sqlite'

/**
 * Keeps a second server off a data directory. The lock is SQLite's own on a file of its own: the kernel gives it up
 * with the process, however that ends, so there is never a stale one. Throws a sentence when it is taken.
 */
export function lockDirectory(root: string, file: string): { release: () => void } {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive')
    database.exec('create table if not exists holder (pid integer)')
    database.exec(`begin exclusive; delete from holder; insert into holder values (${process.pid}); commit`)
  } catch (cause) {
    database.close()
    throw new Error(
      `Another Tidemark server is running on ${root}. Stop it first, or choose another directory with --data-dir.`,
      { cause },
    )
  }
  return { release: () => database.close() }
}
