import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startRedis } from '@/testing/redis.mjs'
import path from 'node:path'
import type { Cluster, Process } from './cluster'
import type { Random } from './random'

/**
 * Does harm to the cluster, and says what it did. Resolves when the harm is over, such as when a frozen process goes
 * on.
 */
type Fault = (cluster: Cluster, random: Random) => Promise<string>

const kill =
  (processes: 'workers' | 'webs'): Fault =>
  async (cluster, random) => {
    const target = random.pick(cluster[processes])
    const { pid } = target.supervisor
    if (pid === null) return `${target.name} is being started anyway`
    target.killed++
    process.kill(pid, 'SIGKILL')
    return `${target.name} (${pid})`
  }

const freeze =
  (choose: (cluster: Cluster, random: Random) => Process, seconds: [number, number]): Fault =>
  async (cluster, random) => {
    const target = choose(cluster, random)
    const { pid } = target.supervisor
    const ms = random.int(seconds[0] * 1000, seconds[1] * 1000)
    if (pid === null) return `${target.name} is being started anyway`
    process.kill(pid, 'SIGSTOP')
    const from = Date.now()
    await sleep(ms)
    // Its supervisor kills one that does not answer.
    const lives = target.supervisor.pid === pid
    if (lives) process.kill(pid, 'SIGCONT')
    cluster.frozen.push({ pid, from, to: Date.now() })
    return `${target.name} (${pid}) for ${(ms / 1000).toFixed(1)} s${lives ? '' : ', killed meanwhile'}`
  }

const cutConnections: Fault = async (cluster) => {
  const rows = await cluster.sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  return `${rows.length} of PostgreSQL`
}

const restartPostgres: Fault = async (cluster) => {
  const { pid } = cluster.postgres.supervisor
  if (pid === null) return 'it is being started anyway'
  cluster.postgres.killed++
  process.kill(pid, 'SIGQUIT') // "immediate": no checkpoint, no farewell
  return `PostgreSQL (${pid}), immediate`
}

/** BullMQ's tables, except the note of which of its migrations have run. */
const emptySchema = `
  DO $$ DECLARE all_tables text; BEGIN
    SET LOCAL lock_timeout = '4s';
    SELECT string_agg(format('bullmq.%I', table_name), ', ') INTO all_tables FROM information_schema.tables
      WHERE table_schema = 'bullmq' AND table_type = 'BASE TABLE' AND table_name <> 'migration';
    EXECUTE 'TRUNCATE ' || all_tables || ' CASCADE';
  END $$`

const emptyStore: Fault = async (cluster) => {
  if (!cluster.redis) {
    await cluster.patiently(() => cluster.sql(emptySchema), 20)
    return 'the tables of schema bullmq'
  }
  const client = new Redis(cluster.redis.url, { maxRetriesPerRequest: 5 })
  client.on('error', () => undefined)
  try {
    await client.flushall()
  } finally {
    client.disconnect()
  }
  return 'FLUSHALL'
}

const restartRedis: Fault = async (cluster) => {
  if (!cluster.redis) throw new Error('this cluster has no Redis')
  const { url, pid } = cluster.redis
  process.kill(pid, 'SIGKILL')
  await sleep(300)
  cluster.redis = await startRedis({ folder: path.join(cluster.folder, 'redis'), url })
  return `Redis (${pid})`
}

const freezeRedis: Fault = async (cluster, random) => {
  if (!cluster.redis) throw new Error('this cluster has no Redis')
  const { pid } = cluster.redis
  const ms = random.int(3_000, 9_000)
  process.kill(pid, 'SIGSTOP')
  await sleep(ms)
  process.kill(pid, 'SIGCONT')
  return `Redis (${pid}) for ${(ms / 1000).toFixed(1)} s`
}

export const FAULTS = {
  'kill a worker': kill('workers'),
  'kill a web process': kill('webs'),
  'freeze a worker': freeze(({ workers }, random) => random.pick(workers), [2, 9]),
  // The one without a heartbeat wakes up with leases that are no longer its own.
  'freeze a worker past its leases': freeze(({ workers }) => workers[2]!, [17, 22]),
  'freeze a web process': freeze(({ webs }, random) => random.pick(webs), [2, 6]),
  'cut connections': cutConnections,
  'restart PostgreSQL': restartPostgres,
  'empty the queue’s store': emptyStore,
  'restart Redis': restartRedis,
  'freeze Redis': freezeRedis,
} satisfies Record<string, Fault>
export type FaultName = keyof typeof FAULTS

/** The faults that are possible: with BullMQ on PostgreSQL there is no Redis to hurt. */
export const faultNames = (cluster: Cluster): FaultName[] =>
  (Object.keys(FAULTS) as FaultName[]).filter((name) => cluster.redis || !name.includes('Redis'))

/** What was done to the cluster, and when. */
export class FaultRunner {
  done = 0
  lastEndedAt = Date.now()
  private readonly open = new Set<Promise<void>>()
  /** What is done to Redis is done in order: two restarts at once would fight for its port. */
  private redis: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly cluster: Cluster,
    private readonly random: Random,
    private readonly from: number,
    private readonly print: (line: string) => void,
  ) {}

  /** Begins a fault; several may last at once. */
  begin(name: FaultName): void {
    const at = ((Date.now() - this.from) / 1000).toFixed(1).padStart(6)
    const begun = name.includes('Redis')
      ? this.redis.then(() => FAULTS[name](this.cluster, this.random))
      : FAULTS[name](this.cluster, this.random)
    this.redis = name.includes('Redis') ? begun.catch(() => undefined) : this.redis
    const work = begun
      .catch((error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`)
      .then((what) => {
        this.done++
        this.lastEndedAt = Date.now()
        this.print(`  ${at} s  ${name}: ${what}`)
        this.open.delete(work)
      })
    this.open.add(work)
  }

  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open)
  }
}
