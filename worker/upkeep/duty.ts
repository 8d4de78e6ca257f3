import type { Carrier, Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { ArtifactStore, UploadStore } from '@/server/storage'

/**
 * Something that one worker, the leader, does for all of them, again and again (rule 4.14). A duty does no harm when
 * two workers do it at once: a leader that was frozen may go on for a moment beside its successor.
 */
export interface Duty {
  /** Names the duty in log lines. */
  name: string
  /**
   * How often the duty runs, in milliseconds. The pause after a run is half a second shorter (see maintenance.ts), and
   * longer after a long run (see `restFactor`).
   */
  everyMs: number
  /** The pause is at least this many times as long as the run before it, unless that run failed. The default is 10. */
  restFactor?: number
  /** The store that the duty waits for besides PostgreSQL. One that is away holds up no other duty. */
  needs: 'postgresql' | 'queue'
  run(): Promise<DutyResult>
}

/** What came of one run. */
export interface DutyResult {
  /** How many jobs the run changed or made ready to run. Above 0, the dispatcher and the viewers look at once. */
  jobs?: number
  /** What is worth a line in the log. With a line, the dispatcher and the viewers look at once, too. */
  note?: string
  /**
   * True where viewers have something new to see, and no `note` is returned because the duty has logged it itself. The
   * dispatcher looks as well, which costs little.
   */
  viewersLook?: boolean
}

/** What duties work with. */
export interface DutyContext {
  db: Db
  carrier: Carrier
  files: ArtifactStore
  uploads: UploadStore
  /** For how long this process has led, in milliseconds. */
  ledMs: () => number
  logger: Logger
}

/** A line for the log such as `stale messages removed: 3`. None where the count is 0. */
export const countNote = (count: number, what: string) => (count > 0 ? `${what}: ${count}` : undefined)
