import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import path from 'node:path'
import { Client } from 'pg'
import { migrate } from '@/launcher/migrations.mjs'
import { webProcess, workerProcess } from '@/launcher/children.mjs'
import { startEmbeddedPostgres } from '@/launcher/embedded-postgres.mjs'
import { freePort } from '@/launcher/ports.mjs'
import { Supervisor } from '@/launcher/supervisor.mjs'
import { startRedis } from '@/testing/redis.mjs'
import { until } from '@/launcher/processes.mjs'
import { createDb, type Db } from '@/server/db'
import { populate, type Tenant } from './tenants'

// The installation that a campaign of faults works on: PostgreSQL, perhaps Redis, web and worker processes, each
// supervised.

export type Backend = 'redis' | 'postgres'

/**
 * A supervised process of the cluster. It is started once, and once more for each time that a fault has killed it. Where
 * `starts` is higher than that, it died by itself.
 */
export interface Process {
  name: string
  supervisor: Supervisor
  starts: number
  killed: number
}

/** When a process was frozen, and let go again (epoch milliseconds). */
export interface Frozen {
  pid: number
  from: number
  to: number
}

/** Of each worker. */
export const ISOLATED_SLOTS = 3
const DRAIN_SECONDS = 5
/**
 * The pools of each worker: every pool, one of the two, and both by name. So there are three crews, which share pools.
 */
const POOLS = [undefined, 'default', 'default,narrow']

/** Two web and three worker processes of the product on servers that belong to nobody else. */
export class Cluster {
  readonly webs: Process[] = []
  readonly workers: Process[] = []
  readonly frozen: Frozen[] = []
  readonly urls: string[] = []
  tenants: Tenant[] = []
  db!: Db
  databaseUrl!: string
  witnessUrl!: string
  postgres!: Process
  redis: Awaited<ReturnType<typeof startRedis>> | undefined
  private stopped: Promise<void> | undefined
  private readonly endings: (() => Promise<unknown>)[] = []

  constructor(
    readonly backend: Backend,
    readonly folder: string,
    private readonly workerFile: string,
  ) {}

  get storageDir(): string {
    return path.join(this.folder, 'storage')
  }

  async start(): Promise<void> {
    const [main, witness, redis] = await Promise.all([
      this.startPostgres('postgres', {}),
      // A witness must be quick and is never restarted; what it has heard need not outlive the run.
      this.startPostgres('witness', {
        fsync: 'off',
        synchronous_commit: 'off',
        full_page_writes: 'off',
        shared_buffers: '32MB',
      }),
      this.backend === 'redis' ? startRedis({ folder: path.join(this.folder, 'redis') }) : undefined,
    ])
    this.postgres = main.process
    this.databaseUrl = main.url
    this.witnessUrl = witness.url
    this.redis = redis
    this.endings.push(async () => this.redis?.stop())
    await migrate(this.databaseUrl, { bullmq: this.backend === 'postgres' })
    this.db = createDb(this.databaseUrl, { max: 4, applicationName: 'chaos' })
    this.endings.push(() => this.db.$disconnect())
    this.tenants = await populate(this.db)
    await prepareWitness(this.witnessUrl)
    await Promise.all([
      this.startWeb('web 1'),
      this.startWeb('web 2'),
      ...[1, 2, 3].map((n) => this.startWorker(`worker ${n}`, n !== 3, POOLS[n - 1])),
    ])
    const up = async () =>
      this.workers.every(({ supervisor }) => supervisor.ready) &&
      (await Promise.all(this.urls.map(answers))).every(Boolean)
    if (!(await until(up, 120_000, 200))) throw new Error(`the cluster does not come up; see ${this.folder}`)
  }

  /** Workers first, then web processes, then what both stand on. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopAll())
  }

  private async stopAll(): Promise<void> {
    await Promise.all(this.workers.map(({ supervisor }) => supervisor.stop()))
    await Promise.all(this.webs.map(({ supervisor }) => supervisor.stop()))
    for (const end of this.endings.reverse()) await end().catch(() => undefined)
  }

  /** Runs one statement on a connection of its own: faults cut all others. */
  async sql<Row extends object = object>(text: string, values: unknown[] = [], url = this.databaseUrl): Promise<Row[]> {
    const client = new Client({
      connectionString: url,
      application_name: 'chaos',
      connectionTimeoutMillis: 5_000,
      query_timeout: 60_000,
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** Asks again until the database answers: for reading while faults go on. */
  async patiently<T>(ask: () => Promise<T>, seconds = 60): Promise<T> {
    const end = performance.now() + seconds * 1000
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (performance.now() > end) throw error
        await sleep(250)
      }
    }
  }

  private async startPostgres(
    name: string,
    settings: Record<string, string | number>,
  ): Promise<{ url: string; process: Process }> {
    let counted: Process | undefined
    const { url, supervisor } = await startEmbeddedPostgres({
      folder: path.join(this.folder, name),
      logFile: path.join(this.folder, `${name}.log`),
      settings,
      silent: true,
      onSupervisor: (own) => {
        counted = { name, supervisor: own, starts: 0, killed: 0 }
        this.endings.push(() => own.stop())
      },
      onStart: () => void (counted && counted.starts++),
    })
    return { url, process: counted ?? { name, supervisor, starts: 1, killed: 0 } }
  }

  private async startWeb(name: string): Promise<void> {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const supervisor: Supervisor = webProcess({
      name: `${this.backend}-${name.replace(' ', '-')}`,
      env: { ...this.environment(), PORT: String(port), NEXTAUTH_URL: url },
      port,
      host: '127.0.0.1',
      silent: true,
      onStart: () => void entry.starts++,
    })
    const entry: Process = { name, supervisor, starts: 0, killed: 0 }
    this.webs.push(entry)
    this.urls.push(url)
    await supervisor.start()
  }

  /**
   * `heartbeat` false: as in a container that only restarts what has died. It outlives a freeze, and then finds its
   * leases gone.
   */
  private async startWorker(name: string, heartbeat: boolean, pools: string | undefined): Promise<void> {
    const supervisor: Supervisor = workerProcess({
      name,
      env: { ...this.environment(), WORKER_POOLS: pools },
      args: [this.workerFile],
      drainSeconds: DRAIN_SECONDS,
      logFile: path.join(this.folder, `${name.replace(' ', '-')}.log`),
      heartbeat,
      silent: true,
      onStart: () => void entry.starts++,
    })
    const entry: Process = { name, supervisor, starts: 0, killed: 0 }
    this.workers.push(entry)
    await supervisor.start()
  }

  private readonly secret = randomBytes(32).toString('base64url')

  private environment(): Record<string, string | undefined> {
    return {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.redis?.url,
      STORAGE_DIR: this.storageDir,
      NEXTAUTH_SECRET: this.secret,
      NEXT_TELEMETRY_DISABLED: '1',
      DRAIN_SECONDS: String(DRAIN_SECONDS),
      ISOLATED_SLOTS: String(ISOLATED_SLOTS),
      INLINE_SLOTS: '20',
      LOG_LEVEL: 'info',
      CHAOS_WITNESS_URL: this.witnessUrl,
    }
  }
}

async function prepareWitness(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE TABLE runs (
    run uuid PRIMARY KEY, job_id uuid NOT NULL, attempt int NOT NULL, pid int NOT NULL,
    started_at bigint NOT NULL, seen_at bigint NOT NULL, ended_at bigint, how text)`)
  await client.end()
}

async function answers(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/api/trpc/session.me`, { signal: AbortSignal.timeout(5_000) })
    return status === 401
  } catch {
    return false
  }
}
