import type { Crew, Db, QueueName } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { StorageSettings } from '@/server/storage'
import type { HandlerProblem } from './catalog/built'
import type { MessageSettings, OutsideSettings } from './handler'
import type { Version } from './version'

/**
 * The worker's connections to PostgreSQL. There are three pools, so that leases and dispatches never wait for other
 * work.
 */
export interface Connections {
  /** For everything that is not named below. */
  db: Db
  /** For dispatches, claims and outcomes only. These connections prepare their statements at the start (join.ts). */
  hotDb: Db
  /** How many connections `hotDb` has. Each is warmed up at the start. */
  hotConnections: number
  /** For leases only. */
  leaseDb: Db
}

/** What handlers get to see of this process. */
export interface HandlerSettings {
  databaseUrl: string
  /** Where artifacts and uploads are kept. */
  storage: StorageSettings
  /** The folder of the source. This path is removed from error messages and stacks. */
  projectRoot: string
  /** Null where the environment says nothing about calls to services outside. */
  outside: OutsideSettings | null
  /** Left out, messages to people cannot be sent. Isolated handlers get it without the mail server. */
  messages?: MessageSettings
}

export interface WorkerOptions extends HandlerSettings {
  connections: Connections
  redisUrl: string | undefined
  slots: Record<QueueName, number>
  /** The group of workers to which this one belongs: the pools whose jobs it takes, and the handlers that it has. */
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
   * Ends the process at once. It is the only way to stop a handler in the worker's own thread that ignores its signal,
   * or a thread that hangs.
   */
  exit: () => void
  /** An administrator asked this worker to stop: drain it, and end the process. */
  onDrain: () => void
  /** Whether somebody can read the worker's metrics. Otherwise it counts nothing. */
  countMetrics?: boolean
}
