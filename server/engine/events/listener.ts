import { steadyListener } from '@/server/steady-listener'
import { CHANNELS } from '../store/signals'
import type { ProgressRow } from '../store/reads/events'

export interface HubLogger {
  warn(bindings: object, message: string): void
}

/** Listens for what viewers want to know: new history, and progress. */
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
  return steadyListener({
    databaseUrl,
    applicationName: 'jobyard-events',
    channels: [CHANNELS.events],
    onNotification: (_, payload) => (payload ? onProgress(parseProgress(payload)) : onHistory()),
    onListening: onConnect,
    onLost: (error) => logger.warn({ err: error }, 'the connection for events broke; it is opened again'),
  })
}

/** The progress of one job as it comes in a payload (`CHANNELS.events` in store/signals.ts). */
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
