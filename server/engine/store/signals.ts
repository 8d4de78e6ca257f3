import { statementName, type DbOrTx } from '@/server/db'

/** Signals between processes go through PostgreSQL on either queue backend (rule 1). */
export const CHANNELS = {
  /** Empty payload: something became eligible; for dispatchers. */
  wake: 'jobyard_wake',
  /** {cancel: [jobId, …]}, {ended: [jobId, attempt]} or {drain: workerId}: for workers. */
  signal: 'jobyard_signal',
  /** Empty: new history rows. {progress: [[organizationId, jobId, attempt, progress, message, at], …]}. */
  events: 'jobyard_events',
} as const

/**
 * Tells whoever listens, once this transaction commits (at once outside of one). PostgreSQL sends
 * equal payloads of one transaction once. NOTIFY makes commits queue up, so the hot path announces
 * after its commits, gathered, and never inside them.
 */
export async function notify(
  db: DbOrTx,
  channel: (typeof CHANNELS)[keyof typeof CHANNELS],
  payload = '',
): Promise<void> {
  await db.$executeRaw`${statementName('notify')} SELECT pg_notify(${channel}, ${payload})`
}

/** Ids that fit one payload: PostgreSQL takes less than 8,000 bytes. */
const IDS_A_SIGNAL = 180

/** Tells workers to look at these jobs: they are to stop, or their messages to go. */
export async function signalJobs(db: DbOrTx, jobIds: readonly string[]): Promise<void> {
  for (let from = 0; from < jobIds.length; from += IDS_A_SIGNAL) {
    await notify(db, CHANNELS.signal, JSON.stringify({ cancel: jobIds.slice(from, from + IDS_A_SIGNAL) }))
  }
}

/** Tells the worker of an attempt that somebody else has written its end. */
export const signalEnded = (db: DbOrTx, { jobId, attempt }: { jobId: string; attempt: number }): Promise<void> =>
  notify(db, CHANNELS.signal, JSON.stringify({ ended: [jobId, attempt] }))

/** Tells a worker to drain and go. */
export const signalDrain = (db: DbOrTx, workerId: string): Promise<void> =>
  notify(db, CHANNELS.signal, JSON.stringify({ drain: workerId }))

/** After a submission, cancel or retry: history rows to show and, where something may run now, work to do. */
export async function announce(db: DbOrTx, eligible: boolean): Promise<void> {
  if (eligible) {
    await db.$executeRaw`${statementName('announce')} SELECT pg_notify(${CHANNELS.wake}, ''), pg_notify(${CHANNELS.events}, '')`
  } else {
    await notify(db, CHANNELS.events)
  }
}
