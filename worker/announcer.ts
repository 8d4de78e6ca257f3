import { CHANNELS, notify, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'

/** At most one announcement is sent in this time. */
const EVERY_MS = 25

/**
 * Tells viewers that history rows were committed. It does so after the commit, once for many: NOTIFY inside a
 * transaction would make all commits of the database wait in line.
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
      // Where an announcement is lost, viewers see the change with the next one. Nothing else depends on it.
      await notify(this.db, CHANNELS.events).catch((error: unknown) =>
        this.logger.debug({ err: error }, 'not announced'),
      )
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    this.busy = false
  }
}
