import { beat, cancelRequested, renewLeases, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { OutageLog } from '@/server/telemetry/outage-log'
import type { Attempt } from './attempt'
import type { StopKind } from './stop'

// Keeps the leases of the attempts that this worker runs. An attempt whose lease is not renewed for 15 s counts as
// lost, and its job runs elsewhere.

const RENEW_MS = 5_000
/** After this time without a renewal the worker stops the work itself, well before the lease of 15 s ends. */
const GIVE_UP_MS = 10_000
/** The lease ends this long after its last renewal. Then nothing of the attempt may run any more. */
const LEASE_MS = 15_000
const CHECK_MS = 500
const CANCEL_POLL_MS = 1_000
/**
 * The pause after a renewal that failed. After a whole RENEW_MS, a second failure would end all that this worker runs.
 */
const AGAIN_MS = 500
/** How long a renewal is waited for. Where a lost server never answers, this leaves time for another try. */
export const LEASE_ANSWER_MS = 3_000
/** At most one line of complaint is logged in this time. */
const COMPLAIN_MS = 5_000
/**
 * How long a cancel is remembered, for a job that this worker may just be claiming. A claim seldom takes longer, and then
 * the next look for cancels finds this one.
 */
const REMEMBERED_MS = 5_000

/**
 * Renews the leases of all attempts of this worker in one statement. Stops the attempts whose lease was not renewed for
 * too long, by its own monotonic clock, before the lease ends. Also looks for cancels each second, because their signal
 * may have been sent while the listener was away.
 */
export class LeaseKeeper {
  /** The attempts that run on this worker, by the ids of their jobs. */
  private readonly held = new Map<string, Attempt>()
  /**
   * The jobs of which this worker was lately told that they are canceled, and when. A cancel may come before the answer to
   * the claim of its job.
   */
  private readonly canceledLately = new Map<string, number>()
  private readonly timers: NodeJS.Timeout[] = []
  private renewal: NodeJS.Timeout | undefined
  private stopped = false
  private complainedAt = -Infinity
  private readonly database: OutageLog
  /** Set when the worker drains. Its heartbeat says so. */
  draining = false

  constructor(
    private readonly options: {
      /** Connections for leases only, so that a renewal waits for nothing else that this worker asks PostgreSQL. */
      db: Db
      workerId: string
      logger: Logger
      /** A lost lease is about to end and its handler still runs: the process has to end. */
      onOutlived: () => void
      /** Somebody asked this worker to drain. */
      onDrain: () => void
      /** Whether the worker reaches BullMQ's store. The heartbeat passes it on. */
      storeOk?: () => boolean | null
    },
  ) {
    this.database = new OutageLog('database', options.logger)
  }

  start(): void {
    this.renewIn(RENEW_MS)
    this.every(CANCEL_POLL_MS, () => this.poll())
    this.timers.push(setInterval(() => this.check(), CHECK_MS))
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.renewal)
    for (const timer of this.timers) clearInterval(timer)
  }

  hold(attempt: Attempt): void {
    // Somebody else wrote the end of the job's earlier attempt. Under the same key, no renewal would find that attempt
    // any more.
    this.held.get(attempt.claimed.jobId)?.stop('lost')
    this.held.set(attempt.claimed.jobId, attempt)
    if (this.canceledLately.has(attempt.claimed.jobId)) this.look([attempt]).catch(() => undefined)
  }

  release(attempt: Attempt): void {
    if (this.held.get(attempt.claimed.jobId) === attempt) this.held.delete(attempt.claimed.jobId)
  }

  /** False while PostgreSQL does not answer. */
  get databaseIsUp(): boolean {
    return !this.database.isLost
  }

  get attempts(): Attempt[] {
    return [...this.held.values()]
  }

  /** Signals everything that runs on this worker. */
  stopAll(kind: StopKind): void {
    for (const attempt of this.attempts) attempt.stop(kind)
  }

  /** Stops the attempts of these jobs, where this worker has them. */
  cancel(jobIds: readonly string[]): void {
    const now = performance.now()
    for (const id of jobIds) {
      this.held.get(id)?.stop('cancel')
      this.canceledLately.set(id, now)
    }
  }

  /** Somebody else has written the end of this attempt: stops what still runs of it here. */
  ended(jobId: string, attempt: number): void {
    const held = this.held.get(jobId)
    if (held?.claimed.attempt === attempt) held.stop('lost')
  }

  /** Whether the attempt runs here and its lease has not ended for certain. */
  mayStillHold(jobId: string, attempt: number): boolean {
    const held = this.held.get(jobId)
    return held?.claimed.attempt === attempt && performance.now() - held.leaseConfirmedAt < LEASE_MS
  }

  /** Looks for cancels now. */
  async poll(): Promise<void> {
    // Most attempts end before the first look. Only the others are worth a statement.
    const young = performance.now() - CANCEL_POLL_MS
    const running = this.attempts.filter((attempt) => !attempt.stopped && attempt.startedAt < young)
    if (running.length > 0) await this.look(running)
  }

  private async look(attempts: readonly Attempt[]): Promise<void> {
    this.cancel(
      await cancelRequested(
        this.options.db,
        attempts.map(({ claimed }) => claimed),
      ),
    )
  }

  private renewIn(ms: number): void {
    if (!this.stopped) this.renewal = setTimeout(() => void this.renewAndAgain(), ms)
  }

  private async renewAndAgain(): Promise<void> {
    const began = performance.now()
    const all = await this.renew().then(
      (renewed) => {
        this.database.worked()
        return renewed
      },
      (error: unknown) => {
        this.database.failed(error)
        return false
      },
    )
    this.renewIn(all ? Math.max(0, RENEW_MS - (performance.now() - began)) : AGAIN_MS)
  }

  /**
   * Renews all leases. Answers false where somebody else had a row locked. That lease was not renewed, and the next try
   * comes sooner.
   */
  private async renew(): Promise<boolean> {
    const { db, workerId } = this.options
    const sentAt = performance.now()
    const attempts = this.attempts
    const rows =
      attempts.length > 0
        ? await renewLeases(
            db,
            workerId,
            attempts.map(({ claimed }) => claimed),
          )
        : []
    const renewed = new Map(rows.map((row) => [row.jobId, row]))
    for (const attempt of attempts) {
      const row = renewed.get(attempt.claimed.jobId)
      if (row) {
        if (!row.locked) attempt.leaseConfirmedAt = sentAt
        if (row.cancelRequested) attempt.stop('cancel')
      } else if (this.held.get(attempt.claimed.jobId) === attempt) {
        attempt.stop('lost')
      }
    }
    const { rss, heapUsed } = process.memoryUsage()
    const { drain } = await beat(db, workerId, this.draining, {
      rssBytes: rss,
      heapBytes: heapUsed,
      storeOk: this.options.storeOk?.() ?? null,
    })
    if (drain && !this.draining) this.options.onDrain()
    return rows.every(({ locked }) => !locked)
  }

  private check(): void {
    const now = performance.now()
    for (const [id, at] of this.canceledLately) if (now - at > REMEMBERED_MS) this.canceledLately.delete(id)
    for (const attempt of this.held.values()) {
      const age = now - attempt.leaseConfirmedAt
      if (age > GIVE_UP_MS) attempt.stop('lost')
      // Two looks before the end, because the end of the process takes a moment, too.
      if (age > LEASE_MS - CHECK_MS * 2 && !attempt.hasEnded) this.options.onOutlived()
    }
  }

  private every(ms: number, run: () => Promise<void>): void {
    let busy = false
    this.timers.push(
      setInterval(() => {
        if (busy) return
        busy = true
        run()
          .catch((error: unknown) => this.complain(error))
          .finally(() => (busy = false))
      }, ms),
    )
  }

  /** One line each 5 s says that cancels were not looked for. While the database is lost, another line has said so. */
  private complain(error: unknown): void {
    const now = performance.now()
    if (this.database.isLost || now - this.complainedAt < COMPLAIN_MS) return
    this.complainedAt = now
    this.options.logger.warn({ err: error }, 'leases: PostgreSQL did not answer')
  }
}
