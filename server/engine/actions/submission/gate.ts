import type { Db } from '@/server/db'
import type { Submitter } from './checks'
import { submitJob, submitTogether } from './submit'
import { Batcher } from '../batcher'
import { EngineError } from '../../domain/errors'
import type { Actor, JobView, SubmitInput } from '../../domain/types'
import { LOCK_NOT_AVAILABLE, sqlState } from '../../store/transaction'

/** Most jobs a transaction, and transactions of one caller at once. */
const MAX = 50
const IN_FLIGHT = 2
/** From one transaction of a caller to its next: at 200 calls a second, four share one. */
const SPACING_MS = 20
/** Callers that are remembered while they send nothing. */
const MOST_CALLERS = 1_000

interface Submission {
  organizationId: string
  job: SubmitInput
  actor: Actor
  submitter: Submitter
}

type Sender = Omit<Submission, 'job'>

/** The submissions of one caller that arrive while another of its transactions runs. */
interface Caller {
  open: number
  batcher: Batcher<SubmitInput, Submitted>
}

/** In an object, so that a batch is over before the last of its jobs is in. */
interface Submitted {
  view: JobView | Promise<JobView>
}

/**
 * Submissions of single jobs in this process. Those of one caller to one organization that arrive
 * together share a transaction, as one costs ten ways to the database and back, whatever number of jobs
 * it carries; each is answered as if it were alone. A lone one waits for nothing.
 */
export class SubmissionGate {
  private readonly callers = new Map<string, Caller>()

  constructor(private readonly db: Db) {}

  /**
   * `submitJob` in a transaction of our own.
   * @throws EngineError as `submitJob`
   */
  async submit({ job, ...sender }: Submission): Promise<JobView> {
    const key = JSON.stringify(sender)
    let caller = this.callers.get(key)
    if (!caller) {
      const batcher = new Batcher({
        max: MAX,
        inFlight: IN_FLIGHT,
        spacingMs: SPACING_MS,
        run: (jobs: SubmitInput[]) => this.run(sender, jobs),
      })
      this.callers.set(key, (caller = { open: 0, batcher }))
    }
    caller.open++
    try {
      const { view } = await caller.batcher.add(job)
      return await view
    } finally {
      caller.open--
      if (this.callers.size > MOST_CALLERS) this.forgetIdle()
    }
  }

  private forgetIdle(): void {
    for (const [key, { open }] of this.callers) if (open === 0) this.callers.delete(key)
  }

  private async run(sender: Sender, jobs: SubmitInput[]): Promise<Submitted[]> {
    try {
      const views = await submitTogether(this.db, { ...sender, jobs })
      return views.map((view) => ({ view }))
    } catch (error) {
      const refused = error instanceof EngineError
      if (refused && jobs.length === 1) throw error
      // Anything else may have been committed: repeating that is for who knows an idempotency key.
      if (!refused && sqlState(error) !== LOCK_NOT_AVAILABLE) throw error
      // One of them is refused, or waits for what somebody holds: that is its own affair.
      return jobs.map((job) => ({ view: submitJob(this.db, { ...sender, job }) }))
    }
  }
}
