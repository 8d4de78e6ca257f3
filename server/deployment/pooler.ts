import { Client } from 'pg'

/**
 * How many other clients are tried. Each holds a server process of the pooler, so one of them gets that of the first
 * client, unless the pooler has more of them free.
 */
const TRIES = 5

/**
 * True where a pooler in transaction mode, such as PgBouncer's, stands before PostgreSQL. There a connection may get
 * another server process with each transaction, so prepared statements, LISTEN and session locks are lost.
 *
 * A pooler shows by the process id that it gives a client: it is its own, and not that of the server process. In
 * session mode a client keeps its server process. In transaction mode another client gets it after the commit.
 *
 * @throws Error where the database does not answer
 */
export async function hasTransactionPooler(databaseUrl: string): Promise<boolean> {
  const first = await connected(databaseUrl)
  const others: Client[] = []
  try {
    if ((await serverOf(first)) === processIdOf(first)) return false
    await first.query('BEGIN')
    const server = await serverOf(first)
    await first.query('COMMIT')
    for (let i = 0; i < TRIES; i++) {
      const other = await connected(databaseUrl)
      others.push(other)
      await other.query('BEGIN')
      if ((await serverOf(other)) === server) return true
    }
    return false
  } finally {
    await Promise.all([first, ...others].map((client) => client.end().catch(() => undefined)))
  }
}

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, query_timeout: 10_000 })
  // A connection that breaks rejects the statement that is under way, and that error is enough.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function serverOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}

/** What the server, or a pooler, said when the connection began. */
const processIdOf = (client: Client): number | undefined => (client as unknown as { processID?: number }).processID
