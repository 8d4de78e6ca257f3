import { setTimeout as sleep } from 'node:timers/promises'
import { Batcher, claimUnlocked, messageId, type Claimed, type Crew, type Db, type Ticket } from '@/server/engine'
import type { Logger } from '@/server/logger'

/** How long a job whose row somebody holds is left alone before its claim is tried again; other claims do not wait. */
const LOCKED_MS = 100

export interface Claim {
  /** Undefined where this worker may not run the job: it is canceled, claimed already, or dispatched anew. */
  claimed: Claimed | undefined
  /** When the claim was sent, by this process's monotonic clock. Its lease begins no earlier. */
  sentAt: number
}

interface Answer extends Claim {
  locked: boolean
}

/** Claims the jobs of messages: many claims share one statement. */
export class Claims {
  private readonly batcher: Batcher<Ticket, Answer>
  private stopping = false

  constructor(
    private readonly options: {
      db: Db
      workerId: string
      /** What this worker takes and can run. Other jobs go back. */
      crew: Crew
      logger: Logger
      /** History rows were committed: viewers may look. */
      announce: () => void
    },
  ) {
    this.batcher = new Batcher({ maxItems: 500, maxCalls: 2, run: (tickets) => this.claimAll(tickets) })
  }

  /** Claims one job; where somebody holds its row, again until the claim is answered or this worker stops. */
  async claim(ticket: Ticket): Promise<Claim> {
    for (;;) {
      const answer = await this.batcher.add(ticket)
      if (!answer.locked || this.stopping) return answer
      await sleep(LOCKED_MS)
    }
  }

  /** No claim is tried again from now on: the leader brings back the jobs that are left unclaimed. */
  stopTrying(): void {
    this.stopping = true
  }

  /** A claim whose answer was lost is not sent again: its lease runs out, and the job comes back. */
  private async claimAll(tickets: Ticket[]): Promise<Answer[]> {
    const { db, workerId, crew, logger, announce } = this.options
    const sentAt = performance.now()
    try {
      const answer = await claimUnlocked(db, workerId, tickets, crew)
      const claimed = new Map(answer.claimed.map((job) => [messageId(job), job]))
      const locked = new Set(answer.locked.map(messageId))
      announce()
      return tickets.map((ticket) => {
        const id = messageId(ticket)
        const job = claimed.get(id)
        // The batch may hold the same message twice: only one of the two may run the job.
        claimed.delete(id)
        return { claimed: job, sentAt, locked: !job && locked.has(id) }
      })
    } catch (error) {
      logger.warn({ err: error, jobs: tickets.length }, 'a claim failed; the jobs will be dispatched again')
      return tickets.map(() => ({ claimed: undefined, sentAt, locked: false }))
    }
  }
}
