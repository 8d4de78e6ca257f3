import type { Halt } from './administrators'
import type { Cluster } from './cluster'
import { COUNTED, NARROW } from './job-types'

/** What the witness has heard of an attempt. `until` is when it last heard of it. */
interface Run {
  job_id: string
  attempt: number
  pid: number
  started_at: number
  until: number
}

const readRuns = async (cluster: Cluster): Promise<Run[]> =>
  (
    await cluster.sql<Record<keyof Run, string>>(
      'SELECT job_id, attempt, pid, started_at, GREATEST(seen_at, COALESCE(ended_at, 0)) AS until FROM runs ORDER BY job_id, attempt, started_at',
      [],
      cluster.witnessUrl,
    )
  ).map((row) => ({
    job_id: row.job_id,
    attempt: Number(row.attempt),
    pid: Number(row.pid),
    started_at: Number(row.started_at),
    until: Number(row.until),
  }))

/** A frozen process cannot know that its lease is over; once it wakes it has this long to stop. */
const WAKING_MS = 5_000

/**
 * An attempt stops before the next one of its job begins, unless its process was frozen then: what it does then is
 * refused, and ends at once.
 */
export async function handlersBeside(cluster: Cluster): Promise<string[]> {
  const runs = await readRuns(cluster)
  return runs.flatMap((run, index) => {
    const next = runs[index + 1]
    if (next?.job_id !== run.job_id || run.until <= next.started_at) return []
    const frozen = cluster.frozen.some(
      ({ pid, from, to }) => pid === run.pid && from <= next.started_at && run.until <= to + WAKING_MS,
    )
    if (frozen) return []
    return [
      `${run.job_id}: attempt ${run.attempt} still worked ${run.until - next.started_at} ms after attempt ${next.attempt} had begun`,
    ]
  })
}

/** One thing that holds a place, from when to when. */
interface Span {
  from: number
  to: number
}

/**
 * The largest number of places that were held at once. One that ends at a moment makes room for one that begins at it.
 */
function mostAtOnce(spans: readonly Span[]): number {
  const steps = spans
    .flatMap(({ from, to }) => [[from, 1] as const, [Math.max(from, to), -1] as const])
    .sort(([a, x], [b, y]) => a - b || x - y)
  let now = 0
  let highest = 0
  for (const [, change] of steps) highest = Math.max(highest, (now += change))
  return highest
}

/**
 * Checks limits twice: by the history (a job counts from QUEUED until it leaves RUNNING), and by what handlers really
 * did.
 */
export async function limitsAtEveryInstant(cluster: Cluster): Promise<string[]> {
  const spans = await cluster.db.$queryRaw<
    { organization_id: string; job_type: string; from: Date; to: Date | null }[]
  >`
    SELECT s.organization_id, j.job_type, s.at AS from, s.until AS to FROM (
      SELECT l.job_id, l.organization_id, l.at, l.to_status,
        (SELECT min(o.at) FROM execution_logs o WHERE o.job_id = l.job_id AND o.id > l.id AND o.to_status NOT IN ('QUEUED', 'RUNNING')) AS until
      FROM execution_logs l WHERE l.to_status = 'QUEUED') s JOIN jobs j ON j.id = s.job_id`
  const narrow = await cluster.db.job.findMany({
    where: { jobType: 'chaos.narrow' },
    select: { id: true, organizationId: true },
  })
  const places = spans.map((span) => ({ ...span, from: span.from.getTime(), to: span.to?.getTime() ?? Date.now() }))
  // Handlers of a frozen process do not run: from the moment of the freeze only the lease says who holds the job.
  const runs = (await readRuns(cluster)).map((run) => {
    const frozen = cluster.frozen.find(
      ({ pid, from, to }) => pid === run.pid && from >= run.started_at && to <= run.until,
    )
    return { ...run, from: run.started_at, to: frozen?.from ?? run.until }
  })
  const problems: string[] = []
  const check = (what: string, some: readonly Span[], limit: number) => {
    const highest = mostAtOnce(some)
    if (highest > limit) problems.push(`${what}: ${highest} at once where ${limit} may be`)
  }
  const of = (ids: readonly { id: string }[]) => {
    const set = new Set(ids.map(({ id }) => id))
    return runs.filter(({ job_id }) => set.has(job_id))
  }
  check(
    'chaos.narrow in the history',
    places.filter(({ job_type }) => job_type === 'chaos.narrow'),
    NARROW.global,
  )
  check('chaos.narrow at work', of(narrow), NARROW.global)
  for (const { id, name, maxConcurrent } of cluster.tenants) {
    const own = places.filter(({ organization_id }) => organization_id === id)
    check(
      `chaos.narrow of ${name} in the history`,
      own.filter(({ job_type }) => job_type === 'chaos.narrow'),
      NARROW.perOrganization,
    )
    check(
      `chaos.narrow of ${name} at work`,
      of(narrow.filter(({ organizationId }) => organizationId === id)),
      NARROW.perOrganization,
    )
    if (maxConcurrent !== null) check(`all of ${name} in the history`, own, maxConcurrent)
  }
  return problems
}

/**
 * Checks every admission that was committed. A trigger of the campaign has copied them, because the product forgets
 * them.
 */
export async function ratesInEveryWindow(cluster: Cluster): Promise<string[]> {
  const over = await cluster.db.$queryRaw<{ organization_id: string; at: Date; admitted: number }[]>`
    SELECT a.organization_id, a.at, sum(b.jobs)::int AS admitted FROM chaos.admissions a
    JOIN chaos.admissions b ON b.organization_id = a.organization_id AND b.job_type = a.job_type
      AND b.at <= a.at AND b.at > a.at - ${COUNTED.windowSeconds} * interval '1 second'
    GROUP BY a.organization_id, a.job_type, a.at HAVING sum(b.jobs) > ${COUNTED.count}`
  const [total] = await cluster.db.$queryRaw<{ jobs: number; admitted: number }[]>`
    SELECT (SELECT count(*) FROM jobs WHERE job_type = 'chaos.counted')::int AS jobs, (SELECT COALESCE(sum(jobs), 0) FROM chaos.admissions)::int AS admitted`
  const problems = over.map(
    ({ organization_id, at, admitted }) =>
      `${organization_id}: ${admitted} admitted within ${COUNTED.windowSeconds} s before ${at.toISOString()} where ${COUNTED.count} may be`,
  )
  if (total && total.jobs !== total.admitted)
    problems.push(`${total.jobs} limited jobs exist, and ${total.admitted} were admitted`)
  return problems
}

/** A claim that had begun before a pause was committed may be written a moment after it. */
const UNDER_WAY_MS = 5_000

/** No attempt began while it was paused or suspended. */
export async function nothingStartedWhileHalted(cluster: Cluster, halts: readonly Halt[]): Promise<string[]> {
  const started = await cluster.db.$queryRaw<{ job_id: string; organization_id: string; job_type: string; at: Date }[]>`
    SELECT l.job_id, l.organization_id, j.job_type, l.at FROM execution_logs l JOIN jobs j ON j.id = l.job_id WHERE l.to_status = 'RUNNING'`
  return halts.flatMap(({ organizationId, jobType, how, from, to }) =>
    started
      .filter(
        (row) => (!organizationId || row.organization_id === organizationId) && (!jobType || row.job_type === jobType),
      )
      .filter(({ at }) => at.getTime() > from + UNDER_WAY_MS && at.getTime() < to)
      .map(({ job_id, at }) => `${job_id}: was started ${((at.getTime() - from) / 1000).toFixed(1)} s into ${how}`),
  )
}

/**
 * The job type that always fails has opened its circuit where ten or more of its attempts have ended, and those that
 * mostly succeed have not.
 */
export async function circuitsAsDeserved(cluster: Cluster): Promise<string[]> {
  const kinds = await cluster.db.$queryRaw<
    { job_type: string; organization_id: string; failed: number; outcomes: number; state: string | null }[]
  >`
    SELECT a.job_type, a.organization_id, count(*) FILTER (WHERE a.outcome <> 'COMPLETED')::int AS failed, count(*)::int AS outcomes,
      (SELECT c.state::text FROM circuits c WHERE c.job_type = a.job_type AND c.organization_id = a.organization_id) AS state
    FROM job_attempts a WHERE a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT') GROUP BY 1, 2`
  return kinds.flatMap(({ job_type, organization_id, failed, outcomes, state }) => {
    const deserved = job_type === 'chaos.broken' && outcomes >= 10
    return deserved === (state === 'OPEN')
      ? []
      : [`${job_type} of ${organization_id}: ${failed} of ${outcomes} failed, and its circuit is ${state ?? 'closed'}`]
  })
}
