import pg from 'pg'
import { CHANNELS } from './store/signals'
import type { ProgressRow } from './store/events'

export interface HubLogger {
  warn(bindings: object, message: string): void
}

/**
 * One connection that listens for `jobyard_events`, opened at the first `start` and, when it breaks,
 * again and again with growing pauses. A pooled connection cannot do it: LISTEN belongs to a session.
 */
export function createEventListener({
  databaseUrl,
  logger,
  onHistory,
  onProgress,
}: {
  databaseUrl: string
  logger: HubLogger
  /** New history was committed, or may have been while nobody listened. */
  onHistory: () => void
  onProgress: (rows: ProgressRow[]) => void
}): { start(): void; close(): Promise<void> } {
  let client: pg.Client | undefined
  let started = false
  let closed = false
  let pause = 100
  let retry: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const mine = new pg.Client({ connectionString: databaseUrl, application_name: 'jobyard-events', keepAlive: true, connectionTimeoutMillis: 10_000 })
    client = mine
    let broken = false
    const lost = (error?: Error) => {
      if (broken || closed) return
      broken = true
      logger.warn({ err: error }, 'the connection for events broke; it is opened again')
      mine.end().catch(() => undefined)
      retry = setTimeout(() => void connect(), pause)
      pause = Math.min(pause * 2, 5_000)
    }
    mine.on('error', lost)
    mine.on('end', () => lost())
    mine.on('notification', ({ payload }) => {
      if (!payload) onHistory()
      else onProgress(parseProgress(payload))
    })
    try {
      await mine.connect()
      await mine.query(`LISTEN ${CHANNELS.events}`)
      pause = 100
      onHistory()
    } catch (error) {
      lost(error as Error)
    }
  }

  return {
    start: () => {
      if (started || closed) return
      started = true
      void connect()
    },
    close: async () => {
      closed = true
      clearTimeout(retry)
      await client?.end().catch(() => undefined)
    },
  }
}

type Wire = [organizationId: string, jobId: string, attempt: number, progress: number, message: string | null, at: string]

/** Anybody who may connect may NOTIFY, so a payload that does not fit is left alone. */
function parseProgress(payload: string): ProgressRow[] {
  try {
    const { progress } = JSON.parse(payload) as { progress?: Wire[] }
    return (progress ?? []).map(([organizationId, jobId, attempt, value, message, at]) => ({
      organizationId,
      jobId,
      attempt,
      progress: value,
      message,
      at: new Date(at),
    }))
  } catch {
    return []
  }
}
