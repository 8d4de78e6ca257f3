import { existsSync, readFileSync } from 'node:fs'
import { checkInvariants } from '@/server/engine/invariants'
import { GIVES_UP } from '@/worker/leave'
import inline from './handlers/inline'
import type { Cluster } from './cluster'
import type { Load } from './load'
import type { Halt } from './administrators'
import {
  circuitsAsDeserved,
  handlersBeside,
  limitsAtEveryInstant,
  nothingStartedWhileHalted,
  ratesInEveryWindow,
} from './audit-limits'
import { filesInPlace, queueEmpty, threadsAtRest } from './audit-leftovers'

/** What the audit of one property found. The property holds when `violations` is empty. */
export interface Finding {
  property: string
  violations: string[]
}

/** Reads everything that was written during the campaign, by the product and by the witness, and compares. */
export async function audit(
  cluster: Cluster,
  load: Load,
  waiting: readonly string[],
  halts: readonly Halt[],
): Promise<Finding[]> {
  const properties: [string, () => Promise<string[]>][] = [
    ['every accepted submission is there, and nothing else (0 lost)', () => nothingLost(cluster, load)],
    ['every job has ended, and as it should (0 stuck)', () => endedAsExpected(cluster, load, waiting)],
    ['submissions were answered as they should be', () => Promise.resolve(load.problems)],
    ['histories, numbers and rows are legal', () => checkInvariants(cluster.db, { quiet: true })],
    ['nothing was completed twice, and what is COMPLETED was done', () => completedOnce(cluster)],
    ['no two attempts of a job worked at once', () => handlersBeside(cluster)],
    ['concurrency limits held at every instant', () => limitsAtEveryInstant(cluster)],
    ['rate limits held in every window', () => ratesInEveryWindow(cluster)],
    ['circuits opened where they should, and nowhere else', () => circuitsAsDeserved(cluster)],
    ['nothing was started while it was paused or suspended', () => nothingStartedWhileHalted(cluster, halts)],
    ['every accepted cancel was kept', () => cancelsKept(cluster, load)],
    ['BullMQ holds nothing', () => queueEmpty(cluster)],
    ['no thread is left at work', () => threadsAtRest(cluster)],
    ['no file is left staged, and every artifact has its file', () => filesInPlace(cluster)],
    ['no web process died by itself', () => Promise.resolve(ownDeaths(cluster))],
    ['no worker gave itself up for a handler that had stopped', () => Promise.resolve(needlessExits(cluster))],
  ]
  const findings: Finding[] = []
  for (const [property, check] of properties) findings.push({ property, violations: await check() })
  return findings
}

async function nothingLost(cluster: Cluster, load: Load): Promise<string[]> {
  const rows = await cluster.db.$queryRaw<{ id: string; child_of: string | null; n: string | null }[]>`
    SELECT j.id, i.parameters->>'childOf' AS child_of, i.parameters->>'n' AS n FROM jobs j JOIN job_inputs i ON i.job_id = j.id`
  const present = new Set(rows.map(({ id }) => id))
  const problems = [...load.accepted.keys()]
    .filter((id) => !present.has(id))
    .map((id) => `${id}: was accepted and is not there`)
  const children = new Map<string, string>()
  for (const { id, child_of, n } of rows) {
    if (load.accepted.has(id)) continue
    if (child_of === null) problems.push(`${id}: is there, and no submission was accepted for it`)
    else if (children.has(`${child_of} ${n}`)) problems.push(`${id}: is child ${n} of ${child_of} a second time`)
    else children.set(`${child_of} ${n}`, id)
  }
  const results = await cluster.db.$queryRaw<{ job_id: string; children: string[] }[]>`
    SELECT r.job_id, ARRAY(SELECT jsonb_array_elements_text(r.result->'children')) AS children FROM job_results r WHERE r.result ? 'children'`
  for (const { job_id, children: named } of results) {
    named.forEach((id, index) => {
      if (children.get(`${job_id} ${index + 1}`) !== id)
        problems.push(`${job_id}: was told of a child ${id} that is not there`)
    })
  }
  return problems
}

/**
 * Jobs that have not ended. `legitimate` are those that wait with good reason: for a time that has not come, or for a
 * circuit.
 */
export const unfinishedJobs = (cluster: Cluster) => cluster.db.$queryRaw<
  { id: string; status: string; legitimate: boolean }[]
>`
  SELECT j.id, j.status::text, j.status = 'PENDING' AND j.run_at > now() + interval '1 hour'
    OR EXISTS (SELECT 1 FROM circuits c WHERE c.job_type = j.job_type AND c.organization_id = j.organization_id AND c.state = 'OPEN' AND j.job_type = 'chaos.broken') AS legitimate
  FROM jobs j WHERE j.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')`

async function endedAsExpected(cluster: Cluster, load: Load, waiting: readonly string[]): Promise<string[]> {
  const rows = await cluster.db.$queryRaw<
    {
      id: string
      status: string
      job_type: string
      error: string | null
      cause: string | null
      lost: number
      dispatch: number
      attempt: number
    }[]
  >`
    SELECT j.id, j.status::text, j.job_type, j.error_message AS error, j.cause_job_id AS cause, j.dispatch, j.attempt,
      (SELECT count(*) FROM job_attempts a WHERE a.job_id = j.id AND a.outcome = 'LOST')::int AS lost
    FROM jobs j`
  const legitimate = new Set(waiting)
  return rows.flatMap((job) => {
    // A job that no submission was accepted for is the child of another, and completes.
    const { expected = 'COMPLETED', touched = false, kind = 'child' } = load.accepted.get(job.id) ?? {}
    const final = ['COMPLETED', 'CANCELED', 'DEAD_LETTER'].includes(job.status)
    const how = `${job.id} (${kind}, ${job.job_type}): is ${job.status} at dispatch ${job.dispatch}, attempt ${job.attempt}${job.error ? ` "${job.error}"` : ''}`
    if (!final) return legitimate.has(job.id) ? [] : [`${how}, and should have ended`]
    // Any end is right where a person acted, where a parent's end decided, or where five workers died under the job.
    if (touched || job.status === expected || job.cause !== null || (job.status === 'DEAD_LETTER' && job.lost >= 5))
      return []
    return [`${how} instead of ${expected}`]
  })
}

async function completedOnce(cluster: Cluster): Promise<string[]> {
  const done = await cluster.sql<{ run: string; job_id: string; attempt: number; how: string | null }>(
    'SELECT run, job_id, attempt, how FROM runs',
    [],
    cluster.witnessUrl,
  )
  const runs = new Map(done.map((row) => [row.run, row]))
  const jobs = await cluster.db.$queryRaw<{ id: string; attempt: number; run: string | null; completed: number }[]>`
    SELECT j.id, j.attempt, r.result->>'run' AS run,
      (SELECT count(*) FROM execution_logs l WHERE l.job_id = j.id AND l.to_status = 'COMPLETED')::int AS completed
    FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id WHERE j.status = 'COMPLETED'`
  const problems = jobs.flatMap(({ id, attempt, run, completed }) => {
    const told = runs.get(run ?? '')
    if (completed !== 1) return [`${id}: was COMPLETED ${completed} times`]
    if (told?.job_id !== id || told.attempt !== attempt || told.how !== 'completed')
      return [
        `${id}: is COMPLETED by attempt ${attempt}, of which the witness says ${told ? `${told.how} in attempt ${told.attempt}` : 'nothing'}`,
      ]
    return []
  })
  const seen = new Set<string>()
  for (const { job_id, attempt } of done) {
    if (seen.has(`${job_id} ${attempt}`)) problems.push(`${job_id}: attempt ${attempt} ran twice`)
    seen.add(`${job_id} ${attempt}`)
  }
  return problems
}

async function cancelsKept(cluster: Cluster, load: Load): Promise<string[]> {
  const rows = await cluster.db.$queryRaw<
    { job_id: string }[]
  >`SELECT DISTINCT job_id FROM execution_logs WHERE to_status = 'CANCELED'`
  const canceled = new Set(rows.map(({ job_id }) => job_id))
  return load.canceled.flatMap((id) =>
    canceled.has(id) ? [] : [`${id}: its cancel was accepted, and it was never CANCELED`],
  )
}

function ownDeaths({ webs }: Cluster): string[] {
  return webs.flatMap(({ name, starts, killed }) =>
    starts - 1 > killed ? [`${name} was started ${starts} times and killed ${killed} times`] : [],
  )
}

/**
 * All handlers that run in a worker's own thread stop at their signal here, so no worker may have taken one for deaf.
 */
function needlessExits({ workers }: Cluster): string[] {
  return workers.flatMap(({ name, supervisor }) => {
    const { logFile } = supervisor.spec
    const lines = logFile && existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : []
    return lines.filter(tellsOfInlineExit).map((line) => `${name}: ${line}`)
  })
}

/**
 * True for a line of a worker's log by which it ends because of a handler in its own thread. A thread that cannot be
 * ended is another matter: it may sit in a call outside of JavaScript.
 */
export const tellsOfInlineExit = (line: string): boolean =>
  line.includes(GIVES_UP) && line.includes(`"handler":"${inline.key}"`)
