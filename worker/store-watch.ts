import type { Carrier } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { OutageLog } from '@/server/telemetry/outage-log'

const EVERY_MS = 5_000

/**
 * Looks every five seconds whether BullMQ's store answers. It says so when the store is lost and when it is found
 * again. The heartbeat tells the result to the database, where health checks of web processes read it: no web process
 * asks the store itself.
 */
export class StoreWatch {
  private readonly outage: OutageLog
  private timer: NodeJS.Timeout | undefined
  private looking = false
  private last: boolean | null = null

  constructor(
    private readonly carrier: Pick<Carrier, 'ready'>,
    logger: Logger,
  ) {
    this.outage = new OutageLog('queue store', logger)
  }

  /** Whether the store answered when it was last asked. Null before the first answer. */
  get ok(): boolean | null {
    return this.last
  }

  start(): void {
    void this.look()
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    // A question to a store that is away may take longer than the pause.
    if (this.looking) return
    this.looking = true
    try {
      await this.carrier.ready()
      this.last = true
      this.outage.worked()
    } catch (error) {
      this.last = false
      this.outage.failed(error)
    } finally {
      this.looking = false
    }
  }
}
