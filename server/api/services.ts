import { createEventHub, ProgressGate, reportProgress, SubmissionGate, type Db, type EventHub } from '@/server/engine'
import { createStanding, type Standing } from '@/server/auth/standing'
import { createDb, SILENCE_MS } from '@/server/db'
import { getEnv } from '@/server/env'
import { logger, type Logger } from '@/server/logger'
import { createCallLimits, createCallTurns, type CallLimits } from './call-limits'
import type { CallerTurns } from './caller-turns'
import { LargeBodies } from './input/large-bodies'
import { OpenStreams } from './open-streams'
import { createUploadTurns } from './uploads/turns'

/** What all requests of a web process share: the database, the stream of events, limits. */
export interface Services {
  db: Db
  logger: Logger
  /** The event hub. It begins to listen when the first viewer connects. */
  hub: () => EventHub
  /** Watches the rights of the callers of open streams. */
  standing: Standing
  openStreams: OpenStreams
  callLimits: CallLimits
  callTurns: CallerTurns
  largeBodies: LargeBodies
  /** The turns of bodies that are uploaded files. */
  uploadTurns: CallerTurns
  /** Accepts jobs that are submitted one by one. */
  submissions: SubmissionGate
  /** Accepts progress that external services report. */
  progress: ProgressGate
  /** Ends every open stream. Their readers connect again, to this process or to another. */
  endStreams: () => Promise<void>
}

/** @param applicationName how its connections are called in PostgreSQL */
export function createServices(databaseUrl: string, log: Logger = logger, applicationName = 'jobyard-web'): Services {
  const db = createDb(databaseUrl, { max: 20, applicationName, silenceMs: SILENCE_MS })
  let hub: EventHub | undefined
  return {
    db,
    logger: log,
    standing: createStanding(db),
    openStreams: new OpenStreams(),
    callLimits: createCallLimits(),
    callTurns: createCallTurns(),
    largeBodies: new LargeBodies(),
    uploadTurns: createUploadTurns(),
    submissions: new SubmissionGate(db),
    progress: new ProgressGate(
      (reports) => reportProgress(db, reports),
      (error) => log.warn({ err: error }, 'progress was not written'),
    ),
    hub: () => (hub ??= createEventHub({ db, databaseUrl, logger: log })),
    endStreams: async () => hub?.close(),
  }
}

// Next.js loads a module once for each route. All of them must share one connection pool and one listener.
const shared = globalThis as { jobyardServices?: Services }

/** The services of this process, made at the first request. */
export const getServices = (): Services => (shared.jobyardServices ??= createServices(getEnv().DATABASE_URL))

/**
 * Ends the streams when the server stops. The server waits for its last answer, and an event stream never ends by
 * itself.
 */
export function endStreamsOnStop(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void shared.jobyardServices?.endStreams())
}
