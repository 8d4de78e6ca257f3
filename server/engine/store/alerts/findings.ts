import { Prisma, type Tx } from '@/server/db'
import { about, type AlertKind } from '../../domain/alerts/conditions'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import { inScope } from '../reads/job-view'
import { stuckJobs } from '../reads/running'
import { alertKey, openAlerts } from './alerts'
import { circuitsFound, failureRatesFound, missedFound, newCausesFound, noWorkersFound, waitingFound } from './looks'
import type { Finding } from './finding'
import type { DueRule } from './rules'

const { sql } = Prisma

/** The most things that one look of one rule finds, unless more have an open alert already. */
export const MOST_FOUND = 100
/** The most stuck jobs that one look over all rules of that kind finds. */
const MOST_STUCK = 1_000

type Looker = (tx: Tx, watched: Prisma.Sql) => Promise<Finding[]>
const LOOKERS: Record<Exclude<AlertKind, 'JOB_STUCK'>, Looker> = {
  NEW_CAUSE: newCausesFound,
  FAILURE_RATE: failureRatesFound,
  OLDEST_WAITING: waitingFound,
  CIRCUIT_OPENED: circuitsFound,
  NO_WORKER: noWorkersFound,
  SCHEDULE_MISSED: missedFound,
}

/**
 * What these rules, which are all of one kind, find now: one statement for all of them. It reads indexes and sums
 * alone, so its cost follows the number of rules, job types and causes, and not the number of jobs (rule 4.51). Where a
 * rule finds more than `MOST_FOUND`, what has an open alert comes first, so that no alert ends while its cause lasts.
 */
export async function findingsOf(tx: Tx, kind: AlertKind, rules: readonly DueRule[]): Promise<Finding[]> {
  const found = kind === 'JOB_STUCK' ? await stuckFound(tx, rules) : await LOOKERS[kind](tx, watchedBy(rules))
  const ofRule = new Map<string, Finding[]>()
  for (const finding of found) ofRule.set(finding.ruleId, [...(ofRule.get(finding.ruleId) ?? []), finding])
  const full = [...ofRule].filter(([, findings]) => findings.length > MOST_FOUND).map(([ruleId]) => ruleId)
  if (full.length === 0) return found
  const open = await openAlerts(tx, full)
  return [...ofRule.values()].flatMap((findings) => {
    const known = findings.filter((finding) => open.has(alertKey(finding)))
    const others = findings.filter((finding) => !open.has(alertKey(finding)))
    return [...known, ...others.slice(0, Math.max(0, MOST_FOUND - known.length))]
  })
}

/**
 * Two CTEs. `given` has the rules alone. `watched` has each rule with each active organization that it is about: a rule
 * of the platform is about all of them.
 */
function watchedBy(rules: readonly DueRule[]): Prisma.Sql {
  const given = rules.map(({ id, organizationId, condition, seenUntil }) => ({
    id,
    organizationId,
    condition,
    seenUntil,
  }))
  const own = sql`SELECT given.rule_id, o.id AS organization_id, given.condition, given.seen_until FROM given
    JOIN organizations o ON o.id = given.organization_id AND o.status <> 'SUSPENDED'`
  // Left out where there is no rule of the platform: PostgreSQL would still compare each rule with each organization.
  const platform = rules.some(({ organizationId }) => organizationId === null)
    ? sql`UNION ALL SELECT given.rule_id, o.id, given.condition, given.seen_until FROM given CROSS JOIN organizations o
        WHERE given.organization_id IS NULL AND o.status = 'ACTIVE'`
    : Prisma.empty
  return sql`given AS MATERIALIZED (
    SELECT (rule->>'id')::uuid AS rule_id, (rule->>'organizationId')::uuid AS organization_id, rule->'condition' AS condition,
      (rule->>'seenUntil')::timestamptz AS seen_until
    FROM jsonb_array_elements(${JSON.stringify(given)}::jsonb) AS rule
  ), watched AS MATERIALIZED (${own} ${platform})`
}

/**
 * Jobs that look stuck, judged as the page Workers judges them (rule 4.19). Running jobs are never more than the slots
 * of all workers, so they can be read one by one.
 */
async function stuckFound(tx: Tx, rules: readonly DueRule[]): Promise<Finding[]> {
  const own = rules.flatMap(({ organizationId }) => (organizationId === null ? [] : [organizationId]))
  const scope = own.length === rules.length ? { organizationIds: [...new Set(own)] } : ({ all: true } as const)
  // A job goes on while its organization is suspended, and may be stuck. But no alert of a suspended organization is
  // closed, so the alert would outlive the job.
  const busy = await tx.$queryRaw<{ id: string }[]>`
    SELECT o.id FROM (SELECT DISTINCT j.organization_id FROM jobs j WHERE j.status = 'RUNNING' AND ${inScope(sql`j.organization_id`, scope)}) r
    JOIN organizations o ON o.id = r.organization_id AND o.status = 'ACTIVE'`
  const { items } = await stuckJobs(tx, { limit: MOST_STUCK }, { organizationIds: busy.map(({ id }) => id) })
  return rules.flatMap(({ id, organizationId, condition }) =>
    items
      .filter(
        (job) =>
          job.jobType !== DELIVERY_TYPE &&
          (organizationId === null || job.organizationId === organizationId) &&
          (condition.kind !== 'JOB_STUCK' || condition.jobType === undefined || condition.jobType === job.jobType),
      )
      .map((job) => ({
        ruleId: id,
        organizationId: job.organizationId,
        subject: `job ${job.jobId}`,
        label: job.title,
        text: `A job of ${job.jobType} runs for ${about(job.elapsedSeconds)} and has reported nothing for ${about(job.stuck!.quietSeconds)}.`,
        path: `/jobs/${job.jobId}`,
      })),
  )
}
