import { setTimeout as sleep } from 'node:timers/promises'
import {
  Batcher,
  claimUnlocked,
  failed,
  finishUnlocked,
  messageId,
  namedFiles,
  sqlState,
  type Carrier,
  type Claimed,
  type Consumer as QueueConsumer,
  type Db,
  type Outcome,
  type QueueName,
  type Settled,
  type Ticket,
} from '@/server/engine'
import { classifyFailure } from '@/server/engine/domain/failure'
import type { Logger } from '@/server/logger'
import type { ArtifactStore } from '@/server/storage'
import { Attempt, type HandlerEnd } from './attempt'
import { runInline } from './inline'
import type { IsolatedPool } from './isolated/pool'
import type { LeaseKeeper } from './lease-keeper'
import type { Meter } from '../dispatch/meter'
import type { Reporter } from './reporter'
import type { OutsideSettings } from '../handler'
import { loadHandler } from '../handlers/catalog'

export interface ConsumerOptions {
  workerId: string
  db: Db
  /** For claims and ends only. */
  hotDb: Db
  carrier: Carrier
  files: ArtifactStore
  pool: IsolatedPool
  leases: LeaseKeeper
  meter: Meter
  reporter: Reporter
  logger: Logger
  projectRoot: string
  databaseUrl: string
  outside: OutsideSettings | null
  slots: Record<QueueName, number>
  /** History rows were committed: viewers may look. */
  announce: () => void
  onClaimed: (queue: QueueName, count: number) => void
  onEnded: (queue: QueueName, count: number) => void
  /** A handler in the worker's own thread is deaf past its grace, or a thread does not end: the process has to go. */
  onDeaf: (attempt: Attempt) => void
}

/** How long a row that somebody holds is left alone: its claim or end is tried again, and delays no other. */
const LOCKED_MS = 100

interface ClaimAnswer {
  claimed: Claimed | undefined
  sentAt: number
  locked: boolean
}

/** Takes messages from BullMQ, claims their jobs, runs them, and reports how they ended. */
export class Consumer {
  private readonly queues: QueueConsumer[] = []
  private readonly claims: Batcher<Ticket, ClaimAnswer>
  private readonly outcomes: Batcher<Outcome, Settled | 'locked'>
  private pausing = false
  private readonly running = new Set<Promise<void>>()

  constructor(private readonly options: ConsumerOptions) {
    this.claims = new Batcher({ max: 500, inFlight: 2, run: (tickets) => this.claim(tickets) })
    this.outcomes = new Batcher({ max: 500, inFlight: 2, run: (outcomes) => this.write(outcomes) })
  }

  start(): void {
    for (const queue of ['INLINE', 'ISOLATED'] as const) {
      this.queues.push(
        this.options.carrier.consume(queue, this.options.slots[queue], (tickets) => this.process(queue, tickets)),
      )
    }
  }

  /** Takes nothing new. */
  async pause(): Promise<void> {
    this.pausing = true
    await Promise.all(this.queues.map((queue) => queue.pause()))
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running)
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close()))
  }

  /** Reports ends that no handler will report any more, as the last act of a worker. */
  report(outcomes: readonly Outcome[]): Promise<Settled[]> {
    return Promise.all(outcomes.map((outcome) => this.reportOne(outcome)))
  }

  private async process(queue: QueueName, tickets: Ticket[]): Promise<void> {
    const work = Promise.all(tickets.map((ticket) => this.one(queue, ticket))).then(() => undefined)
    this.running.add(work)
    await work.finally(() => this.running.delete(work))
  }

  private async one(queue: QueueName, ticket: Ticket): Promise<void> {
    const { db, reporter, files, leases, onEnded } = this.options
    const { claimed, sentAt } = await this.claimOne(ticket)
    this.options.onClaimed(queue, 1)
    if (claimed) {
      const attempt = new Attempt(claimed, sentAt, db, reporter, files)
      leases.hold(attempt)
      try {
        await this.settle(attempt, await this.run(queue, attempt))
      } finally {
        leases.release(attempt)
      }
    }
    onEnded(queue, 1)
  }

  /** A worker that stops leaves what it could not claim yet to the reconciler. */
  private async claimOne(ticket: Ticket): Promise<ClaimAnswer> {
    for (;;) {
      const answer = await this.claims.add(ticket)
      if (!answer.locked || this.pausing) return answer
      await sleep(LOCKED_MS)
    }
  }

  private async reportOne(outcome: Outcome): Promise<Settled> {
    for (;;) {
      const settled = await this.outcomes.add(outcome)
      if (settled !== 'locked') return settled
      await sleep(LOCKED_MS)
      // Past its lease the attempt is rescued, and this end would be refused.
      if (!this.options.leases.mayStillHold(outcome.jobId, outcome.attempt)) return 'refused'
    }
  }

  private async run(queue: QueueName, attempt: Attempt): Promise<HandlerEnd> {
    const { pool, meter, projectRoot, databaseUrl, outside, onDeaf } = this.options
    const started = performance.now()
    const end =
      queue === 'ISOLATED'
        ? await pool.run(attempt, () => onDeaf(attempt))
        : await runInline(attempt, {
            load: loadHandler,
            databaseUrl,
            projectRoot,
            outside,
            onDeaf: () => onDeaf(attempt),
          })
    const ms = performance.now() - started
    if (!attempt.stopped) meter.ran(queue, attempt.claimed.jobType, ms)
    meter.held(attempt.claimed, ms)
    return end
  }

  /** Everything the attempt said is written before its end is. */
  private async settle(attempt: Attempt, end: HandlerEnd): Promise<void> {
    const { reporter, files, leases, logger } = this.options
    const { jobId } = attempt.claimed
    // From here on nothing of the handler works any more: what still has to be written keeps no lease's end from passing.
    attempt.end()
    if (attempt.stopped !== 'lost')
      await reporter.finish(jobId, () => leases.mayStillHold(jobId, attempt.claimed.attempt))
    else {
      reporter.forget(jobId)
      await files
        .removeArtifacts(attempt.artifacts.map(({ storageKey }) => storageKey))
        .catch((error: unknown) => logger.warn({ err: error, jobId }, 'files of a lost attempt remain'))
      return
    }
    const outcome = attempt.outcome(end)
    const settled = await this.reportOne(outcome)
    if (settled === 'refused')
      logger.warn({ jobId, attempt: attempt.claimed.attempt, kind: outcome.kind }, 'late report refused')
    if (attempt.artifacts.length > 0)
      await this.settleFiles(attempt, settled === 'written' && outcome.kind === 'complete')
  }

  /** Keeps files that rows name now, and removes the others. What fails here, or is cut short, the sweep does (worker/upkeep/duties.ts). */
  private async settleFiles(attempt: Attempt, allNamed: boolean): Promise<void> {
    const { db, files, logger } = this.options
    const { jobId } = attempt.claimed
    const keys = attempt.artifacts.map(({ storageKey }) => storageKey)
    try {
      // A report whose answer was lost may have been written after all.
      const named = new Set(allNamed ? keys : await namedFiles(db, [jobId]))
      await files.commitArtifacts(keys.filter((key) => named.has(key)))
      await files.removeArtifacts(keys.filter((key) => !named.has(key)))
    } catch (error) {
      logger.warn({ err: error, jobId }, 'files of an attempt are not settled yet')
    }
  }

  /** A claim whose answer is lost is not repeated: its lease ends by itself and the job comes back. */
  private async claim(tickets: Ticket[]): Promise<ClaimAnswer[]> {
    const { hotDb, workerId, logger, announce } = this.options
    const sentAt = performance.now()
    try {
      const answer = await claimUnlocked(hotDb, workerId, tickets)
      const claimed = new Map(answer.claimed.map((job) => [messageId(job), job]))
      const locked = new Set(answer.locked.map(messageId))
      announce()
      return tickets.map((ticket) => {
        const id = messageId(ticket)
        const job = claimed.get(id)
        // An older message of the same job, or this one twice, may be in the batch: only one may run it.
        claimed.delete(id)
        return { claimed: job, sentAt, locked: !job && locked.has(id) }
      })
    } catch (error) {
      logger.warn({ err: error, jobs: tickets.length }, 'a claim failed; the jobs will be dispatched again')
      return tickets.map(() => ({ claimed: undefined, sentAt, locked: false }))
    }
  }

  /** Tries until PostgreSQL answers or the leases are over; the attempt fences what was written before. */
  private async write(outcomes: Outcome[]): Promise<(Settled | 'locked')[]> {
    const { hotDb, leases, logger, announce } = this.options
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
      try {
        const settled = await finishUnlocked(hotDb, outcomes)
        announce()
        return settled
      } catch (error) {
        if (!outcomes.some(({ jobId, attempt }) => leases.mayStillHold(jobId, attempt))) {
          logger.error({ err: error, jobs: outcomes.length }, 'outcomes could not be written within their leases')
          return outcomes.map(() => 'refused' as const)
        }
        if (refusesTheData(error)) return this.writeSingly(outcomes, error)
        logger.warn(
          { err: error, jobs: outcomes.length, retryInMs: pauseMs },
          'outcomes were not written; trying again',
        )
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }

  /** One end that PostgreSQL cannot keep must not hold up the others; it fails its own job for good. */
  private async writeSingly(outcomes: Outcome[], error: unknown): Promise<(Settled | 'locked')[]> {
    const [only, ...others] = outcomes
    if (only && others.length === 0) {
      if (only.kind === 'dead') throw error
      const failure = { ...classifyFailure(error), class: 'PERMANENT' as const }
      return this.write([failed(only, { ...failure, message: 'What the handler returned cannot be stored' }, null)])
    }
    return (await Promise.all(outcomes.map((outcome) => this.write([outcome])))).flat()
  }
}

/** SQLSTATE classes 22 and 23: the values themselves are wrong, and trying again would not help. */
const refusesTheData = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')
