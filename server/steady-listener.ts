import type { Client } from 'pg'
import { KEEP_ALIVE_MS, steadyClient } from './steady-client'

/** How long a connection may take to be made. */
const CONNECT_MS = 5_000
/** How often the connection is asked for a sign of life, and how long it may take to answer. */
const PROBE_EVERY_MS = 10_000
const PROBE_MS = 5_000
/** The pauses before a new connection, one after the other. The last is repeated. */
const PAUSES_MS = [100, 250, 500, 1_000, 2_000]

interface ListenerOptions {
  databaseUrl: string
  applicationName: string
  channels: readonly string[]
  onNotification: (channel: string, payload: string) => void
  /** Called each time it begins to listen. What was sent before that moment was missed. */
  onListening: () => void
  /** Called when the connection broke or could not be made. It is made again by itself. */
  onLost: (error: unknown) => void
  probeEveryMs?: number
}

/**
 * One connection that listens for signals of PostgreSQL from `start` until `close`. When it breaks it is opened again
 * and again, with growing pauses. A pooled connection cannot be used, because LISTEN belongs to a session. The
 * connection only receives, so it could be dead for hours without notice, for example after a machine slept or a router
 * forgot it. Therefore it is asked for a sign of life. One that gives none is closed.
 */
export function steadyListener({
  databaseUrl,
  applicationName,
  channels,
  onNotification,
  onListening,
  onLost,
  probeEveryMs = PROBE_EVERY_MS,
}: ListenerOptions): { start(): void; close(): Promise<void> } {
  const ListeningClient = steadyClient({ silenceMs: probeEveryMs + PROBE_MS })
  let client: Client | undefined
  let started = false
  let closed = false
  let tries = 0
  let retry: NodeJS.Timeout | undefined
  let probe: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const mine = new ListeningClient({
      connectionString: databaseUrl,
      application_name: applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: PROBE_MS,
    })
    client = mine
    // The end of a connection is reported several times, by its events and by the query that it broke. Only one new
    // connection may follow.
    let over = false
    const lost = (error?: unknown) => {
      if (over || closed) return
      over = true
      clearInterval(probe)
      mine.end().catch(() => undefined)
      retry = setTimeout(() => void connect(), PAUSES_MS[Math.min(tries++, PAUSES_MS.length - 1)])
      onLost(error)
    }
    mine.on('error', lost)
    mine.on('end', () => lost())
    mine.on('notification', ({ channel, payload }) => onNotification(channel, payload ?? ''))
    try {
      await mine.connect()
      await mine.query(channels.map((channel) => `LISTEN ${channel}`).join('; '))
      if (over || closed) return
      tries = 0
      probe = setInterval(() => void mine.query('SELECT 1').catch(lost), probeEveryMs)
      probe.unref()
      onListening()
    } catch (error) {
      lost(error)
    }
  }

  return {
    start: () => {
      if (started || closed) return
      started = true
      void connect()
    },
    close: async () => {
      closed = true
      clearTimeout(retry)
      clearInterval(probe)
      await client?.end().catch(() => undefined)
    },
  }
}
