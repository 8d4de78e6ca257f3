import { setTimeout as sleep } from 'node:timers/promises'
import { Batcher, claimUnlocked, messageId, type Claimed, type Crew, type Db, type Ticket } from '@/server/engine'
import type { Logger } from '@/server/logger'

// Asks the database whether jobs of messages may start. Many such claims share one statement.

/** Milliseconds until a claim is tried again whose row somebody else had locked. Other claims do not wait meanwhile. */
const LOCKED_MS = 100

/** What came of a claim. */
export interface Claim {
  /**
   * Undefined where this worker does not run the job: it was canceled, claimed already, dispatched anew or held back, or
   * the claim failed.
   */
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
      /** Called after new rows of the history were committed, so that viewers read them. */
      announce: () => void
    },
  ) {
    this.batcher = new Batcher({ maxItems: 500, maxCalls: 2, run: (tickets) => this.claimAll(tickets) })
  }

  /**
   * Claims one job. While somebody else has its row locked it tries again, until there is an answer or this worker
   * stops.
   */
  async claim(ticket: Ticket): Promise<Claim> {
    for (;;) {
      const answer = await this.batcher.add(ticket)
      if (!answer.locked || this.stopping) return answer
      await sleep(LOCKED_MS)
    }
  }

  /** From now on no claim is tried again. The leader brings back the jobs that are then left unclaimed. */
  stopTrying(): void {
    this.stopping = true
  }

  /**
   * Claims many jobs with one statement, and answers for each in the order of the tickets. A statement whose answer was
   * lost is not sent again. If it claimed jobs, their leases run out and they come back.
   */
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
