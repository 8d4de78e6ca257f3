import type { Db } from '@/server/db'
import type { Submitter } from './checks'
import { submitJob, submitTogether } from './submit'
import { Batcher } from '../batcher'
import { EngineError } from '../../domain/errors'
import type { Actor, JobOrigin, JobView, SubmitInput } from '../../domain/types'
import { LOCK_NOT_AVAILABLE, sqlState } from '../../store/transaction'

/** The most jobs in one transaction, and also the most transactions of one caller at once. */
const MAX = 50
const IN_FLIGHT = 2
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

/** The submissions of one caller that arrive while another of its transactions runs. */
interface Caller {
  open: number
  batcher: Batcher<Sent, Submitted>
}

/**
 * The view is in an object because `await` would wait for a bare promise. So a batch ends before the last of its jobs
 * has been submitted.
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
   * `submitJob` in a transaction of our own.
   *
   * @throws EngineError as `submitJob`
   */
  async submit({ job, origin, ...sender }: Submission): Promise<JobView> {
    const key = JSON.stringify(sender)
    let caller = this.callers.get(key)
    if (!caller) {
      const batcher = new Batcher({
        maxItems: MAX,
        maxCalls: IN_FLIGHT,
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
