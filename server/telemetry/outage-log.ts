import type { Logger } from '@/server/logger'
import { logEvent } from './log-events'

/**
 * Writes one line when something that a process needs is lost, and one when it is found again, however many calls fail
 * in between. An alert can use both lines: they carry the same `what`.
 */
export class OutageLog {
  private lostAt: number | undefined

  /**
   * @param what such as "database", for both lines
   * @param now a clock that never goes back, in milliseconds
   */
  constructor(
    private readonly what: string,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** True while it is lost. */
  get isLost(): boolean {
    return this.lostAt !== undefined
  }

  failed(error: unknown): void {
    if (this.lostAt !== undefined) return
    this.lostAt = this.now()
    this.logger.error(logEvent('lost', { what: this.what, err: error }), `${this.what} lost`)
  }

  worked(): void {
    if (this.lostAt === undefined) return
    const seconds = Math.round((this.now() - this.lostAt) / 1000)
    this.lostAt = undefined
    this.logger.info(logEvent('found', { what: this.what, seconds }), `${this.what} found again`)
  }
}
