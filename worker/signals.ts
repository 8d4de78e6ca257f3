import type { Client } from 'pg'
import { CHANNELS } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { steadyClient } from '@/server/steady-client'

const RETRY_MS = [100, 250, 500, 1_000, 2_000]

const ListeningClient = steadyClient()

/**
 * Listens to PostgreSQL for this worker: there are jobs to dispatch, jobs were canceled, somebody else wrote the end of
 * an attempt, this worker is to drain. Connects again by itself. Signals that were sent meanwhile are lost:
 * `onReconnect` makes the worker look for their causes at once.
 */
export class SignalListener {
  private client: Client | undefined
  private stopped = false
  private tries = 0

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
  ) {}

  async start(): Promise<void> {
    if (this.stopped) return
    const client = new ListeningClient({
      connectionString: this.options.databaseUrl,
      application_name: 'jobyard-signals',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    })
    let over = false
    const again = () => {
      // The end of a connection is reported twice, by its event and by the query that it broke: only one new client may
      // follow.
      if (over) return
      over = true
      this.client = undefined
      client.removeAllListeners()
      client.on('error', () => undefined)
      void client.end().catch(() => undefined)
      if (this.stopped) return
      const ms = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]
      setTimeout(() => void this.start(), ms)
    }
    client.on('error', again)
    client.on('end', again)
    client.on('notification', ({ channel, payload }) => this.receive(channel, payload ?? ''))
    try {
      this.client = client
      await client.connect()
      await client.query(`LISTEN ${CHANNELS.wake}; LISTEN ${CHANNELS.signal}`)
      this.tries = 0
      this.options.onReconnect()
    } catch (error) {
      this.options.logger.warn({ err: error }, 'listening to PostgreSQL failed; trying again')
      again()
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.client?.end().catch(() => undefined)
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
