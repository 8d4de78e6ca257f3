import type { Client } from 'pg'
import { steadyClient } from '@/server/steady-client'

/** Any number that only this product locks. */
const LEADER_LOCK = 0x10b_7a2d
/** PostgreSQL ends the session of a leader that is silent for longer: a frozen process must not lead. */
const SILENCE_MS = 5_000
const BEAT_MS = 1_000
const ANSWER_MS = 5_000

const LeaderClient = steadyClient({ settings: { idle_session_timeout: SILENCE_MS } })

interface Session {
  client: Client
  /** By our monotonic clock, milliseconds. */
  since: number
  beat: NodeJS.Timeout
  asked?: Promise<void>
}

/**
 * One worker at a time leads, by an advisory lock that ends with its connection. It keeps the session
 * awake by itself, so that a duty that waits for a store costs nobody the lead, and a frozen process
 * has lost it when it goes on. What a leader does must be harmless also when two do it: the old one
 * notices only with its next question.
 */
export class Leader {
  private session: Session | undefined

  constructor(private readonly databaseUrl: string) {}

  /** Milliseconds that this process has led, by its monotonic clock; 0 when it does not. */
  get forMs(): number {
    return this.session ? performance.now() - this.session.since : 0
  }

  /** Becomes the leader where nobody is, or makes sure that it still is. Rejects when PostgreSQL does not answer. */
  async lead(): Promise<boolean> {
    return this.session ? this.stillLeads() : this.seize()
  }

  /** Whether it is the leader now, asked over the connection that holds the lock: its answer proves both. */
  async stillLeads(): Promise<boolean> {
    const session = this.session
    if (!session) return false
    await this.ask(session)
    return this.session === session
  }

  resign(): void {
    if (this.session) this.end(this.session.client)
  }

  private async seize(): Promise<boolean> {
    const client = new LeaderClient({
      connectionString: this.databaseUrl,
      application_name: 'jobyard-leader',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    })
    client.on('error', () => this.end(client))
    try {
      await client.connect()
      const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEADER_LOCK])
      if (rows[0]?.got) {
        const session: Session = {
          client,
          since: performance.now(),
          beat: setInterval(() => void this.ask(session), BEAT_MS).unref(),
        }
        this.session = session
        return true
      }
    } catch (error) {
      this.end(client)
      throw error
    }
    this.end(client)
    return false
  }

  /** One question at a time; who asks meanwhile asks after it, as an older answer says nothing about now. */
  private ask(session: Session): Promise<void> {
    const answer = (session.asked ?? Promise.resolve()).then(async () => {
      if (this.session === session) await session.client.query('SELECT 1').catch(() => this.end(session.client))
    })
    session.asked = answer
    return answer
  }

  /** Only the session of this client: another may have begun since. */
  private end(client: Client): void {
    if (this.session?.client === client) {
      clearInterval(this.session.beat)
      this.session = undefined
    }
    void client.end().catch(() => undefined)
  }
}
