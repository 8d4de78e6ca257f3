import type { Client } from 'pg'
import { CHANNELS } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { steadyClient } from '@/server/steady-client'

const RETRY_MS = [100, 250, 500, 1_000, 2_000]

const ListeningClient = steadyClient()

/**
 * Listens to PostgreSQL for this worker: wake-ups, cancels, ends that others wrote, drain. Connects again by itself; what was
 * sent meanwhile is found by the sweeps, and `onReconnect` asks for them at once.
 */
export class SignalListener {
  private client: Client | undefined
  private stopped = false
  private tries = 0

  constructor(
    private readonly options: {
      databaseUrl: string
      logger: Logger
      onWake: () => void
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
      // Its end is told twice, by its event and by the query that it broke: one client follows it, not two.
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
    if (channel === CHANNELS.wake) return this.options.onWake()
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
