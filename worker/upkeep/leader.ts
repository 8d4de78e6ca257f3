import type { Client } from 'pg'
import { steadyClient } from '@/server/steady-client'

// Decides which worker is the leader, which does the upkeep for all.

/** The key of the advisory lock. Any number will do, as long as only this product locks it. */
const LEADER_LOCK = 0x10b_7a2d
/** PostgreSQL ends the session of a leader that is silent for longer, because a frozen process must not lead. */
const SILENCE_MS = 5_000
/** How often the leader says something, so that its session goes on. */
const BEAT_MS = 1_000
/** How long PostgreSQL may take to connect or to answer. */
const ANSWER_MS = 5_000

const LeaderClient = steadyClient({ settings: { idle_session_timeout: SILENCE_MS } })

interface Session {
  client: Client
  /** When it began to lead, in milliseconds of our monotonic clock. */
  since: number
  beat: NodeJS.Timeout
  asked?: Promise<void>
}

/**
 * Decides which worker leads: the one that holds an advisory lock, which ends with its connection. The leader asks
 * PostgreSQL something once a second, whatever its duties wait for. A frozen process does not, so PostgreSQL ends its
 * session, and another worker leads. The old leader notices at its next question and not before. So what leaders do must
 * be harmless when two do it.
 */
export class Leader {
  private session: Session | undefined

  constructor(private readonly databaseUrl: string) {}

  /** For how many milliseconds this process has led, by its monotonic clock. 0 where it does not lead. */
  get forMs(): number {
    return this.session ? performance.now() - this.session.since : 0
  }

  /**
   * Becomes the leader where there is none, or makes sure that it still leads. Rejects when PostgreSQL does not answer.
   */
  async lead(): Promise<boolean> {
    return this.session ? this.stillLeads() : this.seize()
  }

  /**
   * Whether this process leads now. It asks over the connection that holds the lock, so an answer proves that the lock is
   * held.
   */
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

  /**
   * Asks one question at a time. One that comes meanwhile is asked after it and does not share its answer, because an
   * older answer says nothing about now.
   */
  private ask(session: Session): Promise<void> {
    const answer = (session.asked ?? Promise.resolve()).then(async () => {
      if (this.session === session) await session.client.query('SELECT 1').catch(() => this.end(session.client))
    })
    session.asked = answer
    return answer
  }

  /** Ends this client. Ends the session only where it is still this client's, because another may have begun since. */
  private end(client: Client): void {
    if (this.session?.client === client) {
      clearInterval(this.session.beat)
      this.session = undefined
    }
    void client.end().catch(() => undefined)
  }
}
