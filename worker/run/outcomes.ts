import { setTimeout as sleep } from 'node:timers/promises'
import { Batcher, failed, finishUnlocked, sqlState, type Db, type Outcome, type Settled } from '@/server/engine'
import { classifyFailure } from '@/server/engine/domain/failure'
import type { Logger } from '@/server/logger'
import type { LeaseKeeper } from './lease-keeper'

// Writes how attempts ended.

/** After this time an outcome is tried again whose job's row somebody had locked. Other outcomes do not wait for it. */
const LOCKED_MS = 100
/** The pauses between tries to write while PostgreSQL is away: from the first, doubled each time, to the longest. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

/** Writes how attempts ended. Many outcomes share one statement. */
export class OutcomeWriter {
  private readonly batcher: Batcher<Outcome, Settled | 'locked'>

  constructor(
    private readonly options: {
      db: Db
      leases: LeaseKeeper
      logger: Logger
      /** Called after new rows of the history were committed, so that viewers read them. */
      announce: () => void
    },
  ) {
    this.batcher = new Batcher({ maxItems: 500, maxCalls: 2, run: (outcomes) => this.writeAll(outcomes) })
  }

  /** Writes one outcome. Tries again until there is an answer. Where the attempt's lease is over before, it is `refused`. */
  async write(outcome: Outcome): Promise<Settled> {
    for (;;) {
      const settled = await this.batcher.add(outcome)
      if (settled !== 'locked') return settled
      await sleep(LOCKED_MS)
      // Past its lease the leader brings the job back, and this outcome would be refused.
      if (!this.mayStillHold(outcome)) return 'refused'
    }
  }

  /** An outcome may be sent twice: PostgreSQL takes the first outcome of an attempt and refuses every other. */
  private async writeAll(outcomes: Outcome[]): Promise<(Settled | 'locked')[]> {
    const { db, logger, announce } = this.options
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const settled = await finishUnlocked(db, outcomes)
        announce()
        return settled
      } catch (error) {
        if (!outcomes.some((outcome) => this.mayStillHold(outcome))) {
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

  /** Writes outcomes one by one, so that one that PostgreSQL cannot store does not hold up the others. Its job fails for good. */
  private async writeSingly(outcomes: Outcome[], error: unknown): Promise<(Settled | 'locked')[]> {
    const [only, ...others] = outcomes
    if (only && others.length === 0) {
      // Nothing simpler is left to write. The lease ends, and the leader brings the job back.
      if (only.kind === 'dead') throw error
      const failure = { ...classifyFailure(error), class: 'PERMANENT' as const }
      return this.writeAll([failed(only, { ...failure, message: 'What the handler returned cannot be stored' }, null)])
    }
    return (await Promise.all(outcomes.map((outcome) => this.writeAll([outcome])))).flat()
  }

  private mayStillHold({ jobId, attempt }: Outcome): boolean {
    return this.options.leases.mayStillHold(jobId, attempt)
  }
}

/** SQLSTATE classes 22 and 23: the values themselves are wrong, and trying again would not help. */
const refusesTheData = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')
