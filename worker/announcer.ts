import { CHANNELS, notify, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'

/** The pause after each announcement, in milliseconds. All calls in this pause share the next announcement. */
const PAUSE_MS = 25

/**
 * Tells viewers that history rows were committed. Call `announce` after the commit. Calls that come close together send
 * one NOTIFY. A NOTIFY inside each transaction would make all commits of the database wait in line.
 */
export class Announcer {
  private wanted = false
  private sending = false

  constructor(
    private readonly db: Db,
    private readonly logger: Logger,
  ) {}

  readonly announce = (): void => {
    this.wanted = true
    if (this.sending) return
    this.sending = true
    void this.send()
  }

  private async send(): Promise<void> {
    while (this.wanted) {
      this.wanted = false
      // If an announcement is lost, viewers see the change within a second, because their reader looks anyway.
      await notify(this.db, CHANNELS.events).catch((error: unknown) =>
        this.logger.debug({ err: error }, 'not announced'),
      )
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    this.sending = false
  }
}
