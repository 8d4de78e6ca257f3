import { ping, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { OutageLog } from './outage-log'

/** Milliseconds. As often as workers renew their leases. */
const EVERY_MS = 5_000
/** How long an answer may take. */
const PATIENCE_MS = 5_000

/** Looks every five seconds whether PostgreSQL answers, and says when it is lost and when it is found again. */
export class DatabaseWatch {
  private readonly outage: OutageLog
  private timer: NodeJS.Timeout | undefined
  private looking = false

  constructor(
    private readonly db: Db,
    logger: Logger,
  ) {
    this.outage = new OutageLog('database', logger)
  }

  /** False while PostgreSQL does not answer. */
  get isUp(): boolean {
    return !this.outage.isLost
  }

  start(): void {
    void this.look()
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Looks now, unless it is looking already. */
  async look(): Promise<void> {
    if (this.looking) return
    this.looking = true
    let late: NodeJS.Timeout | undefined
    try {
      const tooLate = new Promise<never>((_, reject) => {
        late = setTimeout(() => reject(new Error(`PostgreSQL said nothing for ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
      })
      await Promise.race([ping(this.db), tooLate])
      this.outage.worked()
    } catch (error) {
      this.outage.failed(error)
    } finally {
      clearTimeout(late)
      this.looking = false
    }
  }
}
