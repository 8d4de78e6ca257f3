import { namedFiles, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { ArtifactStore } from '@/server/storage'
import type { Attempt, HandlerEnd } from './attempt'
import { countEnd, countLost } from './attempt-metrics'
import { attemptFields } from './handler-lines'
import type { LeaseKeeper } from './lease-keeper'
import type { OutcomeWriter } from './outcomes'
import type { Reporter } from './reporter'

/**
 * Closes an attempt whose handler has ended: writes its last progress and log lines, then its outcome, and then keeps
 * or removes its files.
 */
export class AttemptCloser {
  constructor(
    private readonly options: {
      db: Db
      reporter: Reporter
      files: ArtifactStore
      leases: LeaseKeeper
      outcomes: OutcomeWriter
      logger: Logger
    },
  ) {}

  async close(attempt: Attempt, end: HandlerEnd): Promise<void> {
    const { reporter, leases, outcomes, logger } = this.options
    const { jobId, attempt: number } = attempt.claimed
    // Nothing of the handler runs from here on. So the process need not end when the lease does, however long the
    // writing takes.
    const endedAt = Date.now()
    attempt.end()
    if (attempt.stopped === 'lost') attempt.endTrace('lost', 'The lease was lost', endedAt)
    if (attempt.stopped === 'lost') return this.drop(attempt)
    await reporter.finish(jobId, () => leases.mayStillHold(jobId, number))
    const outcome = attempt.outcome(end)
    const settled = await outcomes.write(outcome)
    attempt.endTrace(
      settled === 'written' ? outcome.kind : settled,
      'error' in outcome ? outcome.error.message : null,
      endedAt,
    )
    countEnd(attempt.claimed, outcome.kind, settled)
    if (logger.isLevelEnabled('debug'))
      logger.debug({ ...attemptFields(attempt.claimed), kind: outcome.kind, settled }, 'an attempt ended')
    if (settled === 'refused') logger.warn({ jobId, attempt: number, kind: outcome.kind }, 'late report refused')
    if (attempt.artifacts.length > 0)
      await this.sortFiles(attempt, settled === 'written' && outcome.kind === 'complete')
  }

  /** This worker no longer holds the job. Nothing is reported, and the files of the attempt are removed. */
  private async drop(attempt: Attempt): Promise<void> {
    const { reporter, files, logger } = this.options
    const { jobId } = attempt.claimed
    countLost(attempt.claimed)
    reporter.forget(jobId)
    await files
      .removeArtifacts(attempt.artifacts.map(({ storageKey }) => storageKey))
      .catch((error: unknown) => logger.warn({ err: error, jobId }, 'files of a lost attempt remain'))
  }

  /**
   * Keeps the files that rows name now, and removes the others. Files that are left over here, because a step failed or
   * the process ended, are found by the leader (worker/upkeep/duties/abandoned-files.ts).
   */
  private async sortFiles(attempt: Attempt, allNamed: boolean): Promise<void> {
    const { db, files, logger } = this.options
    const { jobId } = attempt.claimed
    const keys = attempt.artifacts.map(({ storageKey }) => storageKey)
    try {
      // An outcome whose answer was lost may have been written after all: the database says so.
      const named = new Set(allNamed ? keys : await namedFiles(db, [jobId]))
      await files.commitArtifacts(keys.filter((key) => named.has(key)))
      await files.removeArtifacts(keys.filter((key) => !named.has(key)))
    } catch (error) {
      logger.warn({ err: error, jobId }, 'files of an attempt are neither kept nor removed yet')
    }
  }
}
