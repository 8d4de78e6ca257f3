import type { Crew, Db, QueueName } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { StorageSettings } from '@/server/storage'
import type { HandlerProblem } from './catalog/built'
import type { MessageSettings, OutsideSettings } from './handler'
import type { Version } from './version'

/** The worker's connections to PostgreSQL, apart by what would otherwise wait for what. */
export interface Connections {
  /** For everything that is not named below. */
  db: Db
  /** For dispatches, claims and outcomes only: connections that have planned these statements. */
  hotDb: Db
  hotConnections: number
  /** For leases only. */
  leaseDb: Db
}

/** What handlers get to see of this process. */
export interface HandlerSettings {
  databaseUrl: string
  /** Where artifacts and uploads are kept. */
  storage: StorageSettings
  /** Cut from error messages and stacks. */
  projectRoot: string
  /** Null where the environment says nothing about calls to services outside. */
  outside: OutsideSettings | null
  /** Left out, messages to people cannot be sent. */
  messages?: MessageSettings
}

export interface WorkerOptions extends HandlerSettings {
  connections: Connections
  redisUrl: string | undefined
  slots: Record<QueueName, number>
  /** What it takes and can run. */
  crew: Crew
  /** The file that isolated threads run: a `.cjs`, see `loadsInThread` in launcher/build.mjs. */
  threadFile: string
  host: string
  /** What the process was started from, for operators. */
  build: Version
  /** Files of one's own handlers that it could not take (worker/catalog/catalog.ts). */
  handlerProblems: readonly HandlerProblem[]
  /** How long running jobs may go on in a drain. */
  drainSeconds: number
  logger: Logger
  /**
   * Ends the process at once. Nothing else ends a handler in our own thread that ignores its signal, or a thread
   * that does not end.
   */
  exit: () => void
  /** An administrator asked this worker to stop: drain it, and end the process. */
  onDrain: () => void
  /** Whether somebody can read the worker's metrics. Otherwise it counts nothing. */
  countMetrics?: boolean
}
