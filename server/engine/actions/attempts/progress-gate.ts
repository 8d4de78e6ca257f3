import type { ProgressReport } from './report'

/** Milliseconds. A job's progress is written at most this often, and its last value always (rule 4.13). */
const EVERY_MS = 1_000

interface Entry {
  /** The latest value, which is not written yet. */
  waiting: ProgressReport | undefined
}

/**
 * Receives progress that services outside report to this web process, and writes only some of it, as a worker does with
 * its own.
 */
export class ProgressGate {
  /** Jobs whose progress was written less than a second ago. */
  private readonly recent = new Map<string, Entry>()

  constructor(
    /** Writes reports. Answers with those that could not be written because their rows were locked. */
    private readonly write: (reports: ProgressReport[]) => Promise<ProgressReport[]>,
    /** Called when a value that was to be written later could not be written. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Writes a value at once or, where the job's last one is too recent, a moment later. A later value of the same job
   * replaces it.
   */
  async report(report: ProgressReport): Promise<void> {
    const recent = this.recent.get(report.jobId)
    if (recent) {
      recent.waiting = report
      return
    }
    const entry: Entry = { waiting: undefined }
    this.recent.set(report.jobId, entry)
    this.rest(report.jobId, entry)
    await this.writeNow(report, entry)
  }

  private async writeNow(report: ProgressReport, entry: Entry): Promise<void> {
    const [left] = await this.write([report])
    // A report whose row was locked is written later, unless another one has come since.
    entry.waiting ??= left
  }

  /** Lets a job rest for a second after its progress was written. Then it writes what has come meanwhile. */
  private rest(jobId: string, entry: Entry): void {
    setTimeout(() => {
      const { waiting } = entry
      entry.waiting = undefined
      if (!waiting) return void this.recent.delete(jobId)
      this.rest(jobId, entry)
      // The caller has its answer already. A value that cannot be written now is followed by the next one, or by the
      // end of the attempt.
      this.writeNow(waiting, entry).catch(this.onError)
    }, EVERY_MS).unref()
  }
}
