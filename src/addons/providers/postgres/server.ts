import type { ServerUrl } from './server-url.ts'

/** Is told of a thing that went wrong and is tried again. */
export type Report = (trouble: { doing: string; error: unknown }) => void

/** A PostgreSQL server on which add-ons are made: one that was named, or one of our own. */
export interface Server {
  /** Whether add-ons may have been made on it. While not, nobody has to ask it. */
  wasWanted(): Promise<boolean>
  /** Where it answers; begins it when it is ours and does not run. Throws a sentence when that cannot be. */
  reach(signal: AbortSignal): Promise<ServerUrl>
  /** Takes it up where it runs, or begins to start it. */
  resume(): Promise<void>
  /** Ends it when it is ours. */
  stop(): Promise<void>
  /** Lets go of it: it goes on. */
  release(): void
}
