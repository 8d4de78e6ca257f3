import { setTimeout as sleep } from 'node:timers/promises'
import { appendLogs, reportProgress, type Db, type LogReport, type ProgressReport } from '@/server/engine'
import type { Logger } from '@/server/logger'

// Sends what running handlers report, progress and log lines, to the database.

/** A job's progress is written at most once in this time. The last value of an attempt does not wait (rule 4.13). */
const PROGRESS_EVERY_MS = 1_000
/** Reports are gathered for so long, and then written together. */
const TICK_MS = 150
/** The most log lines that one statement writes. */
const MAX_LINES = 500
/** After this time the last progress of a job is tried again whose row somebody had locked. */
const LOCKED_MS = 100

/** Gathers progress and log lines of all attempts of this worker into few statements. */
export class Reporter {
  private readonly progress = new Map<string, ProgressReport>()
  private logs: LogReport[] = []
  /** How many reports of each job are not written yet, also while a flush is under way. */
  private readonly unwritten = new Map<string, number>()
  private readonly progressWrittenAt = new Map<string, number>()
  /** The last progress of attempts that have ended, where somebody holds the job's row. */
  private readonly late = new Map<string, ProgressReport>()
  private flushing: Promise<void> = Promise.resolve()
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly db: Db,
    private readonly logger: Logger,
  ) {}

  reportProgress(report: ProgressReport): void {
    if (!this.progress.has(report.jobId)) this.count(report.jobId, 1)
    this.progress.set(report.jobId, report)
    this.schedule()
  }

  log(line: LogReport): void {
    this.count(line.jobId, 1)
    this.logs.push(line)
    this.schedule()
  }

  /**
   * Resolves when all progress and log lines of this attempt are written, or could not be written. Where somebody holds
   * the job's row, its last progress is tried again for as long as `mayWrite` says. No other job waits for that.
   */
  async finish(jobId: string, mayWrite: () => boolean): Promise<void> {
    if (this.unwritten.has(jobId)) {
      this.flushing = this.flushing.then(() => this.flush(jobId))
      await this.flushing
    }
    let last = this.late.get(jobId)
    this.late.delete(jobId)
    while (last && mayWrite()) {
      await sleep(LOCKED_MS)
      try {
        ;[last] = await reportProgress(this.db, [last])
      } catch (error) {
        this.logger.warn({ err: error, jobId }, 'the last progress was not written')
        break
      }
    }
    this.progressWrittenAt.delete(jobId)
  }

  /** Forgets the progress of an attempt that this worker no longer holds, because it would be refused. */
  forget(jobId: string): void {
    if (this.progress.delete(jobId)) this.count(jobId, -1)
    this.progressWrittenAt.delete(jobId)
  }

  private count(jobId: string, by: number): void {
    const left = (this.unwritten.get(jobId) ?? 0) + by
    if (left > 0) this.unwritten.set(jobId, left)
    else this.unwritten.delete(jobId)
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.flushing = this.flushing.then(() => this.flush())
      if (this.progress.size > 0) this.schedule()
    }, TICK_MS)
  }

  /** Writes all log lines, and the progress of the jobs whose turn it is. The job `now` has its turn in any case. */
  private async flush(now?: string): Promise<void> {
    const at = performance.now()
    const due = [...this.progress.values()].filter(
      ({ jobId }) => jobId === now || at - (this.progressWrittenAt.get(jobId) ?? -Infinity) >= PROGRESS_EVERY_MS,
    )
    for (const { jobId } of due) {
      this.progress.delete(jobId)
      this.progressWrittenAt.set(jobId, at)
    }
    const lines = this.logs
    this.logs = []
    try {
      if (due.length > 0) await this.writeProgress(due, now)
      for (let i = 0; i < lines.length; i += MAX_LINES) await appendLogs(this.db, lines.slice(i, i + MAX_LINES))
    } catch (error) {
      // A job does not fail because of its progress or log lines. What could not be written is logged here.
      this.logger.warn(
        { err: error, progress: due.length, lines: lines.length },
        'progress and log lines were not written',
      )
    } finally {
      for (const { jobId } of [...due, ...lines]) this.count(jobId, -1)
    }
  }

  /** Writes progress. Where a lock kept it from being written, it has its turn again, unless a later value has come. */
  private async writeProgress(due: ProgressReport[], now: string | undefined): Promise<void> {
    for (const report of await reportProgress(this.db, due)) {
      if (report.jobId === now) {
        this.late.set(now, report)
        continue
      }
      this.progressWrittenAt.delete(report.jobId)
      if (!this.progress.has(report.jobId)) this.reportProgress(report)
    }
  }
}
