import type { JobEvent } from './api'

/** Jobs whose progress is remembered; of one that is forgotten the same progress may be told twice. */
const REMEMBERED_JOBS = 5_000

/** Who comes back gets the latest progress of each running job again; what was yielded already is left out. */
export class ProgressFilter {
  private readonly latest = new Map<string, string>()

  isNew({ type, jobId, toStatus, attempt, progress, progressMessage }: JobEvent): boolean {
    if (jobId === null) {
      // After a reset nobody knows which of them have ended.
      this.latest.clear()
      return true
    }
    if (type === 'status') {
      if (toStatus !== 'RUNNING') this.latest.delete(jobId)
      return true
    }
    const known = this.latest.get(jobId)
    const now = JSON.stringify([attempt, progress, progressMessage])
    // Taken out and put in again, it is the youngest.
    this.latest.delete(jobId)
    this.latest.set(jobId, now)
    // Progress that comes after its job has ended would never be taken out.
    if (this.latest.size > REMEMBERED_JOBS) this.latest.delete(this.latest.keys().next().value!)
    return known !== now
  }
}
