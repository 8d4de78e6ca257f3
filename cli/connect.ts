import { createJobyardClient, type JobyardClient } from '@/client'
import { CommandError } from './command-error'

/** How a command reaches Jobyard. */
export interface Connection {
  client: JobyardClient
  /** True where the command works on the database itself, and not through a web process. */
  onDatabase: boolean
  /** What it works on, for people. It holds no secret. */
  where: string
  close(): Promise<void>
}

export interface ConnectOptions {
  url?: string
  key?: string
  /** True: on the database, also where an address is known. */
  database?: boolean
}

/**
 * For how long a command repeats a call while the server cannot be reached. One try may take longer than this, where the
 * server takes the connection and does not answer.
 */
const PATIENCE_MS = 5_000
const nothing = () => Promise.resolve()

/**
 * Chooses between the API and the database. Both are reached through the same client and answered by the same
 * procedures, so a command does the same in both ways. Over the API a key says who asks. On the database it is the
 * command line, with the rights of a system admin.
 *
 * A key that is given decides: a command never uses the rights of a system admin instead of it, except with --database.
 * The key of the `npm start` that runs here (JOBYARD_LOCAL_KEY, set by scripts/jobyard.mjs) goes to that process only.
 *
 * @throws CommandError where nothing says which Jobyard is meant
 */
export async function connect(
  { url, key, database = false }: ConnectOptions,
  env: NodeJS.ProcessEnv,
): Promise<Connection> {
  const givenAddress = url ?? (env.JOBYARD_URL || undefined)
  const givenKey = key ?? (env.JOBYARD_API_KEY || undefined)
  const localKey = givenAddress === undefined ? env.JOBYARD_LOCAL_KEY || undefined : undefined
  const apiKey = givenKey ?? localKey
  const address = givenAddress ?? (apiKey ? env.JOBYARD_LOCAL_URL || undefined : undefined)
  const databaseUrl = env.DATABASE_URL || undefined
  if (address && !database) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      throw new CommandError(
        `${url === undefined ? 'JOBYARD_URL' : '--url'} is "${address}". It should look like https://jobs.example.com.`,
      )
    if (!apiKey)
      throw new CommandError(
        'JOBYARD_API_KEY is not set. Make a key in the dashboard (Organization, API keys), or use --database.',
      )
    const client = createJobyardClient({ url: address, apiKey, patienceMs: PATIENCE_MS })
    return { client, onDatabase: false, where: new URL(address).host, close: nothing }
  }
  if (givenKey && !database)
    throw new CommandError(
      'JOBYARD_API_KEY is set, but no address is. Set JOBYARD_URL, or use --database to work on the database without the key.',
    )
  if (!databaseUrl)
    throw new CommandError(
      database
        ? 'DATABASE_URL is not set, and --database works on what it names.'
        : 'Say which Jobyard is meant: set JOBYARD_URL and JOBYARD_API_KEY, or DATABASE_URL to work on the database itself.',
    )
  return onDatabase(databaseUrl)
}

async function onDatabase(databaseUrl: string): Promise<Connection> {
  const { openInProcess } = await import('./in-process')
  const { fetch, close } = openInProcess(databaseUrl)
  // Nothing looks at this address and key, because `fetch` answers the calls in this process.
  const client = createJobyardClient({ url: 'http://command-line', apiKey: 'none', fetch, patienceMs: 0 })
  const { host, pathname } = new URL(databaseUrl)
  return { client, onDatabase: true, where: `the database ${pathname.slice(1)} on ${host}`, close }
}
