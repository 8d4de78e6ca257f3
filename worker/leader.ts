import { Client } from 'pg'

/** Any number that only this product locks. */
const LEADER_LOCK = 0x10b_7a2d
/** PostgreSQL ends the session of a leader that is silent for longer: a frozen process must not lead. */
const SILENCE_MS = 6_000

/**
 * One worker at a time leads, by an advisory lock that ends with its connection. What a leader does
 * must be harmless also when two do it: the old one notices only with its next question.
 */
export class Leader {
  private client: Client | undefined
  private since: number | undefined

  constructor(private readonly databaseUrl: string) {}

  /** Milliseconds that this process has led, by its monotonic clock; 0 when it does not. */
  get forMs(): number {
    return this.since === undefined ? 0 : performance.now() - this.since
  }

  /** Becomes the leader where nobody is, or makes sure that it still is. To be asked each second. */
  async lead(): Promise<boolean> {
    if (this.client) {
      // The lock lives as long as this connection: asking it proves both.
      await this.client.query('SELECT 1')
      return true
    }
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'jobyard-leader',
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      options: `-c idle_session_timeout=${SILENCE_MS}`,
    })
    client.on('error', () => this.resign())
    await client.connect()
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEADER_LOCK])
    if (!rows[0]?.got) {
      await client.end()
      return false
    }
    this.client = client
    this.since = performance.now()
    return true
  }

  resign(): void {
    const client = this.client
    this.client = undefined
    this.since = undefined
    void client?.end().catch(() => undefined)
  }
}
