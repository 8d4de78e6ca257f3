import type { JobEvent } from './api'

/**
 * The number of jobs whose progress is remembered. If more jobs than this report progress, the one with the oldest news
 * is forgotten, and its last progress may be passed on once more.
 */
const REMEMBERED_JOBS = 5_000

/**
 * Leaves out progress that was passed on before. After a reconnect, the server sends the latest progress of each
 * running job again.
 */
export class ProgressFilter {
  private readonly latest = new Map<string, string>()

  /** True if the event must be passed on. Also remembers it. */
  admit({ type, jobId, toStatus, attempt, progress, progressMessage }: JobEvent): boolean {
    if (jobId === null) {
      // Only a reset has no job. After it we do not know which jobs have ended.
      this.latest.clear()
      return true
    }
    if (type === 'status') {
      if (toStatus !== 'RUNNING') this.latest.delete(jobId)
      return true
    }
    const known = this.latest.get(jobId)
    const now = JSON.stringify([attempt, progress, progressMessage])
    // Removing and adding it again makes it the newest entry.
    this.latest.delete(jobId)
    this.latest.set(jobId, now)
    // Progress that arrives after the end of its job would never be removed, so the oldest entry goes.
    if (this.latest.size > REMEMBERED_JOBS) this.latest.delete(this.latest.keys().next().value!)
    return known !== now
  }
}
