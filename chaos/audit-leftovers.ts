import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCarrier, installation, liveCrews } from '@/server/engine'
import { ISOLATED_SLOTS, type Cluster } from './cluster'

/** By then BullMQ has given up the messages of dead workers, which takes it 30 to 45 s. */
const SETTLE_MS = 60_000

/** BullMQ holds no message that waits or that a worker has taken, and on PostgreSQL no row of one in any state. */
export async function queueEmpty(cluster: Cluster): Promise<string[]> {
  const carrier = createCarrier({
    databaseUrl: cluster.databaseUrl,
    redisUrl: cluster.redis?.url,
    namespace: await installation(cluster.db),
    onError: () => undefined,
  })
  try {
    const end = performance.now() + SETTLE_MS
    for (;;) {
      const crews = await liveCrews(cluster.db)
      const held = (
        await Promise.all(crews.flatMap((crew) => [carrier.held('INLINE', crew), carrier.held('ISOLATED', crew)]))
      ).flat()
      const rows = cluster.redis ? [] : await cluster.sql<{ id: string }>('SELECT id::text FROM bullmq.job')
      const left = [
        ...held.map(({ id, active }) => `${id} is ${active ? 'active' : 'waiting'}`),
        ...rows.map(({ id }) => `job ${id} is kept`),
      ]
      if (left.length === 0 || performance.now() > end) return left
      await sleep(500)
    }
  } finally {
    await carrier.close()
  }
}

/** CPU seconds of each thread but the main one. */
function threadTimes(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`
  return new Map(
    readdirSync(folder)
      .filter((thread) => thread !== String(pid))
      .map((thread) => {
        const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        // utime and stime of proc(5), in hundredths of a second.
        return [thread, (Number(fields[11]) + Number(fields[12])) / 100] as const
      }),
  )
}

/** Threads of a Node.js process itself: V8, libuv, signals. */
const OWN_THREADS = 16

/** A handler that was stopped leaves no thread that spins, nor more threads than there are slots. */
export async function threadsAtRest(cluster: Cluster): Promise<string[]> {
  if (!existsSync('/proc/self/task')) return []
  const pids = cluster.workers.flatMap(({ name, supervisor }) =>
    supervisor.pid === null ? [] : [{ name, pid: supervisor.pid }],
  )
  const before = pids.map(({ pid }) => threadTimes(pid))
  await sleep(2_000)
  return pids.flatMap(({ name, pid }, index) => {
    const now = threadTimes(pid)
    const busy = [...now].filter(([thread, seconds]) => seconds - (before[index]?.get(thread) ?? seconds) > 1)
    const problems = busy.map(([thread]) => `${name}: thread ${thread} works although nothing runs`)
    if (now.size > OWN_THREADS + ISOLATED_SLOTS)
      problems.push(`${name} has ${now.size} threads for ${ISOLATED_SLOTS} slots`)
    return problems
  })
}

/** Every file belongs to an artifact or is noted to be removed, and every artifact has its file, whole. */
export async function filesInPlace(cluster: Cluster): Promise<string[]> {
  const end = performance.now() + SETTLE_MS
  for (;;) {
    const rows = await cluster.db.artifact.findMany({ select: { storageKey: true, size: true, jobId: true } })
    const discarded = await cluster.db.discardedFile.findMany({ select: { storageKey: true } })
    const named = new Set([...rows, ...discarded].map(({ storageKey }) => storageKey))
    const files = filesUnder(cluster.storageDir)
    const problems = rows.flatMap(({ storageKey, size, jobId }) =>
      files.get(storageKey) === Number(size)
        ? []
        : [`${jobId}: its artifact ${storageKey} of ${size} bytes has ${files.get(storageKey) ?? 'no'} bytes`],
    )
    for (const file of files.keys()) if (!named.has(file)) problems.push(`${file} belongs to nothing`)
    if (problems.length === 0 || performance.now() > end) return problems
    await sleep(1_000)
  }
}

/** Every file below a folder, by its path from there, with its size. */
function filesUnder(folder: string): Map<string, number> {
  if (!existsSync(folder)) return new Map()
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    found.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(folder, file), statSync(file).size] as const
    }),
  )
}
