import { statementName, type DbOrTx } from '@/server/db'

/** The channels for signals between processes. They go through PostgreSQL, whichever queue backend is used (rule 1). */
export const CHANNELS = {
  /**
   * For dispatchers: something may be dispatched now. The payload is the one organization whose work it is, or empty.
   */
  wake: 'jobyard_wake',
  /** For workers: {cancel: [jobId, …]}, {ended: [jobId, attempt]} or {drain: workerId}. */
  signal: 'jobyard_signal',
  /**
   * For viewers. An empty payload says that there are new history rows. {progress: [[organizationId, jobId, attempt,
   * progress, message, at], …]} carries progress.
   */
  events: 'jobyard_events',
} as const

/**
 * Sends a signal when this transaction commits, or at once outside of one. PostgreSQL sends equal payloads of one
 * transaction once. NOTIFY makes commits wait for each other. So the hot path of workers collects its signals and sends
 * them after its commits. Only a dispatch that has marked jobs as due sends them with its commit.
 */
export async function notify(
  db: DbOrTx,
  channel: (typeof CHANNELS)[keyof typeof CHANNELS],
  payload = '',
): Promise<void> {
  await db.$executeRaw`${statementName('notify')} SELECT pg_notify(${channel}, ${payload})`
}

/** For more organizations than these, one signal that names none is cheaper. */
const MOST_NAMED = 50

/** Wakes the dispatchers because of jobs of these organizations. */
export async function wakeFor(db: DbOrTx, organizationIds: readonly string[]): Promise<void> {
  if (organizationIds.length > MOST_NAMED) return notify(db, CHANNELS.wake)
  await db.$executeRaw`${statementName('notify_organizations')}
    SELECT pg_notify(${CHANNELS.wake}, id) FROM unnest(${organizationIds}::text[]) AS id`
}

/** How many ids fit into one payload. PostgreSQL accepts less than 8,000 bytes. */
const IDS_A_SIGNAL = 180

/** Tells workers to look at these jobs, because they have to stop or their messages have to be removed. */
export async function signalJobs(db: DbOrTx, jobIds: readonly string[]): Promise<void> {
  for (let from = 0; from < jobIds.length; from += IDS_A_SIGNAL) {
    await notify(db, CHANNELS.signal, JSON.stringify({ cancel: jobIds.slice(from, from + IDS_A_SIGNAL) }))
  }
}

/** Tells the worker of an attempt that somebody else has already written how the attempt ended. */
export const signalEnded = (db: DbOrTx, { jobId, attempt }: { jobId: string; attempt: number }): Promise<void> =>
  notify(db, CHANNELS.signal, JSON.stringify({ ended: [jobId, attempt] }))

/** Tells a worker to finish its jobs and stop. */
export const signalDrain = (db: DbOrTx, workerId: string): Promise<void> =>
  notify(db, CHANNELS.signal, JSON.stringify({ drain: workerId }))

/**
 * Dispatchers are also woken for a job that is due within this time, because clocks differ and the commit takes a
 * moment. Woken too early they look once in vain. Woken too late, the job waits for a sweep, at most half a second.
 */
export const WAKE_AHEAD_MS = 1_000

/**
 * Signals that jobs or what holds them back have changed. Viewers look for new history rows. Dispatchers wake up only
 * with `dispatch`, which says that jobs may have become able to run: of one organization only, where it is given.
 */
export async function announce(
  db: DbOrTx,
  { dispatch, organizationId = '' }: { dispatch: boolean; organizationId?: string },
): Promise<void> {
  if (dispatch) {
    await db.$executeRaw`${statementName('announce')} SELECT pg_notify(${CHANNELS.wake}, ${organizationId}), pg_notify(${CHANNELS.events}, '')`
  } else {
    await notify(db, CHANNELS.events)
  }
}
