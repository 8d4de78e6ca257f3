import type { ProgressReport } from './report'

/** A job's progress is written at most this often; its last value always (rule 4.13). */
const EVERY_MS = 1_000

interface Entry {
  /** The value whose turn has not come yet. */
  waiting: ProgressReport | undefined
}

/** Progress that services outside report to this web process, thinned out as a worker does its own. */
export class ProgressGate {
  /** Jobs that were written less than a second ago. */
  private readonly recent = new Map<string, Entry>()

  constructor(
    /** Answers with the reports that are still to be written, as their rows are locked. */
    private readonly write: (reports: ProgressReport[]) => Promise<ProgressReport[]>,
    /** A value that was to be written later could not be. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Writes the value at once, or when its job's turn comes; a later one of the same job replaces it. */
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
    entry.waiting ??= left
  }

  private rest(jobId: string, entry: Entry): void {
    setTimeout(() => {
      const { waiting } = entry
      entry.waiting = undefined
      if (!waiting) return void this.recent.delete(jobId)
      this.rest(jobId, entry)
      // The caller has its answer; what could not be written now is followed by the next value or by the end.
      this.writeNow(waiting, entry).catch(this.onError)
    }, EVERY_MS).unref()
  }
}
