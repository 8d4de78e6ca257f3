import { Client } from 'pg'
import { LEASE_SECONDS, longQueued, rescueLost, returnToPending, type Carrier, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'

const EVERY_MS = 1_000
/** A job QUEUED for longer than this is looked for in BullMQ (SPEC 4.2). */
const QUEUED_SECONDS = 5
/** Any number that only this product locks. */
const LEADER_LOCK = 0x10b_7a2d

/**
 * What one worker at a time does for all (the leader, by an advisory lock that ends with its
 * connection): rescue of lost attempts, reconciliation of QUEUED jobs with BullMQ.
 */
export class Maintenance {
  private client: Client | undefined
  private leaderSince: number | undefined
  private stopped = false
  private loop: Promise<void> = Promise.resolve()

  constructor(
    private readonly options: { databaseUrl: string; db: Db; carrier: Carrier; logger: Logger; onBroughtBack: () => void },
  ) {}

  start(): void {
    this.loop = this.run()
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.loop
    await this.client?.end().catch(() => undefined)
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        if (await this.lead()) await this.sweep()
      } catch (error) {
        this.options.logger.warn({ err: error }, 'maintenance failed; trying again')
        this.resign()
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }

  private async lead(): Promise<boolean> {
    if (this.client) {
      // The lock lives as long as this connection: asking it proves both.
      await this.client.query('SELECT 1')
      return true
    }
    const client = new Client({
      connectionString: this.options.databaseUrl,
      application_name: 'jobyard-leader',
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
    })
    client.on('error', () => this.resign())
    await client.connect()
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEADER_LOCK])
    if (!rows[0]?.got) {
      await client.end()
      return false
    }
    this.client = client
    this.leaderSince = performance.now()
    return true
  }

  private resign(): void {
    const client = this.client
    this.client = undefined
    this.leaderSince = undefined
    void client?.end().catch(() => undefined)
  }

  private async sweep(): Promise<void> {
    const { db, carrier, logger, onBroughtBack } = this.options
    let back = 0
    // A leader that has just connected may see leases that nobody could renew while PostgreSQL was away.
    if (this.leaderSince !== undefined && performance.now() - this.leaderSince > LEASE_SECONDS * 1000) {
      const rescued = await rescueLost(db)
      if (rescued > 0) logger.warn({ jobs: rescued }, 'brought back jobs of lost workers')
      back += rescued
    }
    const missing = await missingMessages(db, carrier)
    if (missing.length > 0) {
      const returned = await returnToPending(db, missing, 'Its message was lost')
      logger.warn({ jobs: returned }, 'brought back jobs whose message was lost')
      back += returned
    }
    if (back > 0) onBroughtBack()
  }
}

/**
 * Jobs that are QUEUED for long and in no state of BullMQ. One whose message a worker has had for a
 * whole lease length without claiming it counts as missing too: that worker is gone or stuck.
 */
async function missingMessages(db: Db, carrier: Carrier): Promise<{ jobId: string; dispatch: number }[]> {
  const queued = await longQueued(db, QUEUED_SECONDS)
  if (queued.length === 0) return []
  const held = new Map<string, boolean>()
  for (const queue of ['ISOLATED', 'INLINE'] as const) {
    for (const { ticket, active } of await carrier.held(queue)) held.set(`${ticket.jobId}-${ticket.dispatch}`, active)
  }
  return queued.filter(({ jobId, dispatch, seconds }) => {
    const active = held.get(`${jobId}-${dispatch}`)
    return active === undefined || (active && seconds > LEASE_SECONDS)
  })
}
