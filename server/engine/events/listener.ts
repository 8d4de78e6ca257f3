import type { Client } from 'pg'
import { steadyClient } from '@/server/steady-client'
import { CHANNELS } from '../store/signals'
import type { ProgressRow } from '../store/reads/events'

export interface HubLogger {
  warn(bindings: object, message: string): void
}

/** How often the connection is asked for a sign of life, and how long it may take to answer. */
const PROBE_EVERY_MS = 10_000
const PROBE_MS = 5_000

const ListeningClient = steadyClient()

/**
 * One connection that listens for `jobyard_events`. It is opened at the first `start`. When it breaks it is opened
 * again and again, with growing pauses. A pooled connection cannot be used, because LISTEN belongs to a session. The
 * connection only receives, so it could be dead for hours without notice, for example after a machine slept or a router
 * forgot it. Therefore it is asked for a sign of life.
 */
export function createEventListener({
  databaseUrl,
  logger,
  onHistory,
  onProgress,
  onConnect,
}: {
  databaseUrl: string
  logger: HubLogger
  /** Called when new history was committed. */
  onHistory: () => void
  onProgress: (rows: ProgressRow[]) => void
  /** Called when it begins to listen. Announcements before that moment were missed. */
  onConnect: () => void
}): { start(): void; close(): Promise<void> } {
  let client: Client | undefined
  let started = false
  let closed = false
  let pause = 100
  let retry: NodeJS.Timeout | undefined
  let probe: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const mine = new ListeningClient({
      connectionString: databaseUrl,
      application_name: 'jobyard-events',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: PROBE_MS,
    })
    client = mine
    let broken = false
    const lost = (error?: Error) => {
      if (broken || closed) return
      broken = true
      clearInterval(probe)
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
      probe = setInterval(() => void mine.query('SELECT 1').catch(lost), PROBE_EVERY_MS)
      probe.unref()
      onConnect()
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
      clearInterval(probe)
      await client?.end().catch(() => undefined)
    },
  }
}

type Wire = [
  organizationId: string,
  jobId: string,
  attempt: number,
  progress: number,
  message: string | null,
  at: string,
]

/** Anybody who may connect may send a NOTIFY, so a payload of another form is ignored. */
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
