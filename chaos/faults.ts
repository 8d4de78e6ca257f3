import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startRedis } from '@/testing/redis.mjs'
import path from 'node:path'
import type { Finding } from './audit'
import type { Backend, Cluster, Process } from './cluster'
import type { Random } from './random'

/**
 * Does harm to the cluster, and says what it did. Resolves when the harm is over, such as when a frozen process goes
 * on. Rejects where it could do none.
 */
type Fault<Victim> = (cluster: Victim, random: Random) => Promise<string>

/** The process id of a process that is to be hurt. One that ended a moment ago is started again by its supervisor. */
async function pidOf(target: Process): Promise<number> {
  for (const end = performance.now() + 15_000; performance.now() < end; await sleep(50)) {
    const { pid } = target.supervisor
    if (pid !== null) return pid
  }
  throw new Error(`${target.name} was not started again within 15 s`)
}

const kill =
  (processes: 'workers' | 'webs'): Fault<Cluster> =>
  async (cluster, random) => {
    const target = random.pick(cluster[processes])
    const pid = await pidOf(target)
    target.killed++
    process.kill(pid, 'SIGKILL')
    return `${target.name} (${pid})`
  }

const freeze =
  (choose: (cluster: Cluster, random: Random) => Process, seconds: [number, number]): Fault<Cluster> =>
  async (cluster, random) => {
    const target = choose(cluster, random)
    const ms = random.int(seconds[0] * 1000, seconds[1] * 1000)
    const pid = await pidOf(target)
    process.kill(pid, 'SIGSTOP')
    const from = Date.now()
    await sleep(ms)
    // Its supervisor kills one that does not answer.
    const lives = target.supervisor.pid === pid
    if (lives) process.kill(pid, 'SIGCONT')
    cluster.frozen.push({ pid, from, to: Date.now() })
    return `${target.name} (${pid}) for ${(ms / 1000).toFixed(1)} s${lives ? '' : ', killed meanwhile'}`
  }

const cutConnections: Fault<Cluster> = async (cluster) => {
  const cut = () =>
    cluster.sql(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
  const rows = await cluster.patiently(cut, 20)
  return `${rows.length} of PostgreSQL`
}

const restartPostgres: Fault<Cluster> = async (cluster) => {
  const pid = await pidOf(cluster.postgres)
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

const emptyStore: Fault<Cluster> = async (cluster) => {
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

const restartRedis: Fault<Cluster> = async (cluster) => {
  if (!cluster.redis) throw new Error('this cluster has no Redis')
  const { url, pid } = cluster.redis
  process.kill(pid, 'SIGKILL')
  await sleep(300)
  cluster.redis = await startRedis({ folder: path.join(cluster.folder, 'redis'), url })
  return `Redis (${pid})`
}

const freezeRedis: Fault<Cluster> = async (cluster, random) => {
  if (!cluster.redis) throw new Error('this cluster has no Redis')
  const { pid } = cluster.redis
  const ms = random.int(3_000, 9_000)
  process.kill(pid, 'SIGSTOP')
  await sleep(ms)
  process.kill(pid, 'SIGCONT')
  return `Redis (${pid}) for ${(ms / 1000).toFixed(1)} s`
}

/** Every fault by its name, which `--faults` takes. */
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
} satisfies Record<string, Fault<Cluster>>
export type FaultName = keyof typeof FAULTS

/** The faults that are possible: with BullMQ on PostgreSQL there is no Redis to hurt. */
export const faultsOn = (backend: Backend): FaultName[] =>
  (Object.keys(FAULTS) as FaultName[]).filter((name) => backend === 'redis' || !name.includes('Redis'))

/** @throws Error that names those of the faults that are not possible */
export function requirePossible(names: readonly FaultName[], backend: Backend): void {
  const possible = faultsOn(backend)
  const others = names.filter((name) => !possible.includes(name))
  if (others.length > 0)
    throw new Error(`a cluster with BullMQ on ${backend} cannot suffer this: ${[...new Set(others)].join(', ')}`)
}

interface Tally {
  done: number
  /** Why it did no harm, for each time. */
  failures: string[]
}

/** Begins faults, and counts which did harm. */
export class FaultRunner<Victim, Name extends string> {
  lastEndedAt = Date.now()
  private readonly tallies = new Map<Name, Tally>()
  private readonly open = new Set<Promise<void>>()
  /** What is done to Redis is done in order: two restarts at once would fight for its port. */
  private redis: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly faults: Record<Name, Fault<Victim>>,
    private readonly victim: Victim,
    private readonly random: Random,
    /** When the campaign began, from which the printed times count. */
    private readonly from: number,
    private readonly print: (line: string) => void,
  ) {}

  /** Begins a fault; several may last at once. */
  begin(name: Name): void {
    const at = ((Date.now() - this.from) / 1000).toFixed(1).padStart(6)
    const tally = this.tallies.get(name) ?? { done: 0, failures: [] }
    this.tallies.set(name, tally)
    const harm = () => this.faults[name](this.victim, this.random)
    const begun = name.includes('Redis') ? this.redis.then(harm) : harm()
    this.redis = name.includes('Redis') ? begun.catch(() => undefined) : this.redis
    const work = begun
      .then(
        (what) => {
          tally.done++
          return what
        },
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error)
          tally.failures.push(why)
          return `failed: ${why}`
        },
      )
      .then((what) => {
        this.lastEndedAt = Date.now()
        this.print(`  ${at} s  ${name}: ${what}`)
        this.open.delete(work)
      })
    this.open.add(work)
  }

  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open)
  }

  /** How many faults did harm, and how many failed. Complete when all have settled. */
  counts(): { done: number; failed: number } {
    const all = [...this.tallies.values()]
    return {
      done: all.reduce((sum, { done }) => sum + done, 0),
      failed: all.reduce((sum, { failures }) => sum + failures.length, 0),
    }
  }

  /** A campaign shows nothing about a kind of harm that never came. */
  finding(): Finding {
    const violations = [...this.tallies]
      .filter(([, { done }]) => done === 0)
      .map(([name, { failures }]) => `${name} did none: ${failures.join('; ')}`)
    if (this.tallies.size === 0) violations.push('no fault was begun')
    return { property: 'every kind of fault did harm', violations }
  }
}
