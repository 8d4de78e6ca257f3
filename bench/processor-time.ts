import { readFileSync, readdirSync } from 'node:fs'
import type { Db } from '@/server/db'

/** Hertz. The unit of processor time in /proc on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100

/** Seconds of processor time that each part of a measured system has used until now. Linux only. */
export interface ProcessorTime {
  worker: number
  /** The sessions of PostgreSQL, also those that have ended. */
  sessions: number
  /** PostgreSQL's own processes: checkpoints, the write-ahead log, vacuum. */
  upkeep: number
  /** 0 where BullMQ runs on PostgreSQL. */
  redis: number
}

/** Reads the processor time of a worker, of the PostgreSQL server of `db` and of a Redis server. */
export async function processorTime(db: Db, { workerPid, redisPid }: { workerPid?: number; redisPid?: number }) {
  const [row] = await db.$queryRaw<{ own: number; sessions: number[] }[]>`
    SELECT pg_backend_pid() AS own, array_agg(pid) AS sessions FROM pg_stat_activity WHERE backend_type = 'client backend'`
  const postmaster = timesOf(row!.own)!.parent
  const children = processes().filter((pid) => timesOf(pid)?.parent === postmaster)
  const sessions = children.filter((pid) => row!.sessions.includes(pid))
  return {
    worker: workerPid ? own(workerPid) : 0,
    sessions: sum(sessions.map(own)) + (timesOf(postmaster)?.ended ?? 0),
    upkeep: sum(children.filter((pid) => !sessions.includes(pid)).map(own)) + own(postmaster),
    redis: redisPid ? own(redisPid) : 0,
  } satisfies ProcessorTime
}

/** Seconds that the session of a client with one connection has used until now. */
export async function sessionTime(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ own: number }[]>`SELECT pg_backend_pid() AS own`
  return own(row!.own)
}

/** What was used between two readings. */
export function used(before: ProcessorTime, after: ProcessorTime): ProcessorTime {
  return {
    worker: after.worker - before.worker,
    sessions: after.sessions - before.sessions,
    upkeep: after.upkeep - before.upkeep,
    redis: after.redis - before.redis,
  }
}

export const totalOf = ({ worker, sessions, upkeep, redis }: ProcessorTime): number =>
  worker + sessions + upkeep + redis

const processes = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const own = (pid: number) => timesOf(pid)?.own ?? 0
const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

/** Undefined where the process has ended. `ended` is the time of its children that have ended. */
function timesOf(pid: number): { parent: number; own: number; ended: number } | undefined {
  try {
    // The name stands in brackets and may hold spaces. Behind it come the state and the parent; times are fields 14 to 17.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    const seconds = (field: number) => Number(fields[field - 3]) / TICKS_PER_SECOND
    return { parent: Number(fields[1]), own: seconds(14) + seconds(15), ended: seconds(16) + seconds(17) }
  } catch {
    return undefined
  }
}
