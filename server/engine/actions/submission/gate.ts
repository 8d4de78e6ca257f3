import type { Db } from '@/server/db'
import type { Submitter } from './checks'
import { submitJob, submitTogether } from './submit'
import { Batcher } from '../batcher'
import { EngineError } from '../../domain/errors'
import type { Actor, JobOrigin, JobView, SubmitInput } from '../../domain/types'
import { LOCK_NOT_AVAILABLE, sqlState } from '../../store/transaction'

/** The most jobs in one transaction. */
const MOST_JOBS = 50
/** The most transactions of one caller at once. */
const MOST_TRANSACTIONS = 2
/** Milliseconds from one transaction of a caller to its next. At 200 calls a second, four share one. */
const SPACING_MS = 20
/** How many callers are remembered while they send nothing. */
const MOST_CALLERS = 1_000

interface Submission {
  organizationId: string
  job: SubmitInput
  actor: Actor
  submitter: Submitter
  origin?: JobOrigin
}

type Sender = Omit<Submission, 'job' | 'origin'>
type Sent = Pick<Submission, 'job' | 'origin'>

/** A caller, and what gathers its submissions while another of its transactions runs. */
interface Caller {
  /** How many of its submissions are not answered yet. */
  open: number
  batcher: Batcher<Sent, Submitted>
}

/**
 * The batcher's answer for one job. Where a batch was refused, each of its jobs is submitted alone, and its view is
 * still a promise. The promise is in an object because `await` would wait for a bare one: the batch would then last
 * until all of its jobs were submitted.
 */
interface Submitted {
  view: JobView | Promise<JobView>
}

/**
 * Submissions of single jobs in this process. Those of one caller to one organization that arrive together share a
 * transaction: a transaction takes ten ways to the database and back, however many jobs it has. Each is answered as if
 * it were alone. A submission that comes alone waits for nothing.
 */
export class SubmissionGate {
  private readonly callers = new Map<string, Caller>()

  constructor(private readonly db: Db) {}

  /**
   * Submits one job. It answers what `submitJob` would, and throws the same errors.
   *
   * @throws EngineError
   */
  async submit({ job, origin, ...sender }: Submission): Promise<JobView> {
    const key = JSON.stringify(sender)
    let caller = this.callers.get(key)
    if (!caller) {
      const batcher = new Batcher({
        maxItems: MOST_JOBS,
        maxCalls: MOST_TRANSACTIONS,
        spacingMs: SPACING_MS,
        run: (sent: Sent[]) => this.run(sender, sent),
      })
      this.callers.set(key, (caller = { open: 0, batcher }))
    }
    caller.open++
    try {
      const { view } = await caller.batcher.add({ job, origin })
      return await view
    } finally {
      caller.open--
      if (this.callers.size > MOST_CALLERS) this.forgetIdle()
    }
  }

  private forgetIdle(): void {
    for (const [key, { open }] of this.callers) if (open === 0) this.callers.delete(key)
  }

  private async run(sender: Sender, sent: Sent[]): Promise<Submitted[]> {
    try {
      const views = await submitTogether(this.db, {
        ...sender,
        jobs: sent.map(({ job }) => job),
        originOf: (index) => sent[index]?.origin,
      })
      return views.map((view) => ({ view }))
    } catch (error) {
      const refused = error instanceof EngineError
      if (refused && sent.length === 1) throw error
      // After any other error the transaction may have been committed. Only a caller that knows an idempotency key can
      // repeat it safely.
      if (!refused && sqlState(error) !== LOCK_NOT_AVAILABLE) throw error
      // One of the jobs is refused, or waits for a lock. Each is submitted alone, so that the others do not suffer.
      return sent.map(({ job, origin }) => ({ view: submitJob(this.db, { ...sender, job, origin }) }))
    }
  }
}
