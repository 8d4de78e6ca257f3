import { CHANNELS } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { steadyListener } from '@/server/steady-listener'

/**
 * Listens to PostgreSQL for this worker: there are jobs to dispatch, jobs were canceled, somebody else wrote the end of
 * an attempt, this worker is to drain. Connects again by itself. Signals that were sent meanwhile are lost:
 * `onReconnect` makes the worker look for their causes at once.
 */
export class SignalListener {
  private readonly listener: ReturnType<typeof steadyListener>

  constructor(
    private readonly options: {
      databaseUrl: string
      logger: Logger
      /** Without an organization, anything may have changed. */
      onWake: (organizationId?: string) => void
      onCancel: (jobIds: string[]) => void
      onEndedOutside: (jobId: string, attempt: number) => void
      onDrain: (workerId: string) => void
      onReconnect: () => void
    },
  ) {
    this.listener = steadyListener({
      databaseUrl: options.databaseUrl,
      applicationName: 'jobyard-signals',
      channels: [CHANNELS.wake, CHANNELS.signal],
      onNotification: (channel, payload) => this.receive(channel, payload),
      onListening: options.onReconnect,
      onLost: (error) => options.logger.warn({ err: error }, 'listening to PostgreSQL failed; trying again'),
    })
  }

  start(): void {
    this.listener.start()
  }

  stop(): Promise<void> {
    return this.listener.close()
  }

  private receive(channel: string, payload: string): void {
    if (channel === CHANNELS.wake) return this.options.onWake(payload || undefined)
    try {
      const { cancel, ended, drain } = JSON.parse(payload) as {
        cancel?: string[]
        ended?: [string, number]
        drain?: string
      }
      if (cancel) this.options.onCancel(cancel)
      if (ended) this.options.onEndedOutside(...ended)
      if (drain) this.options.onDrain(drain)
    } catch {
      this.options.logger.warn({ channel }, 'a signal that cannot be read')
    }
  }
}
