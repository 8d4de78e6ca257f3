import { CHANNELS, notify, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'

const EVERY_MS = 25

/**
 * Tells viewers that history rows were committed: after the commit, gathered, and outside of it,
 * since NOTIFY inside a transaction makes all commits of the database wait in line.
 */
export class Announcer {
  private due = false
  private busy = false

  constructor(
    private readonly db: Db,
    private readonly logger: Logger,
  ) {}

  readonly announce = (): void => {
    this.due = true
    if (this.busy) return
    this.busy = true
    void this.send()
  }

  private async send(): Promise<void> {
    while (this.due) {
      this.due = false
      // A lost announcement delays a viewer until the next; nothing else depends on it.
      await notify(this.db, CHANNELS.events).catch((error: unknown) =>
        this.logger.debug({ err: error }, 'not announced'),
      )
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    this.busy = false
  }
}
