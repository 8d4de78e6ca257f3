import { Prisma, type Tx } from '@/server/db'
import { about } from '../../domain/alerts/conditions'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import { patternOf } from '../../domain/failure-pattern'
import { waitingAndDue, waitingForLater } from '../due'
import { stillIgnored } from '../cause-acts'
import { takesWork } from '../live-workers'
import { dueAt } from '../rank'
import type { Finding } from './finding'

const { sql } = Prisma
type Sql = Prisma.Sql

// One statement for each condition of alert rules. Each begins with the CTEs of findings.ts: `given` has the rules
// alone, `watched` each rule with each organization that it is about. `seen_until` is the time up to which the last
// look has seen. The statements compare with `statement_timestamp()`, because `clock_timestamp()` changes from row to
// row, so that no index could stop there.

/** The most causes, or pairs of a job type and a priority with waiting work, of one organization that are walked. */
const MOST_WALKED = 500
/** The most jobs of one organization that are read among those that ended badly since the last look. */
const MOST_RECENT = 5_000
/** The most attempts of one organization that are counted beside the sums. */
const MOST_COUNTED = 5_000

/** Condition: the rule names no job type, or this one. Messages about alerts are no subject of alerts. */
const ofType = (jobType: Sql): Sql =>
  sql`(watched.condition->>'jobType' IS NULL OR watched.condition->>'jobType' = ${jobType}) AND ${jobType} <> ${DELIVERY_TYPE}`
const share = (part: number, of: number) => `${Math.round((100 * part) / of)} % (${part} of ${of})`
const query = (path: string, given: Record<string, string>) => `${path}?${new URLSearchParams(given).toString()}`

/** With a full stop, where none is there. */
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

interface Kind {
  ruleId: string
  organizationId: string
  jobType: string
}
const kindColumns = sql`watched.rule_id AS "ruleId", watched.organization_id AS "organizationId"`

/** Sorts after the name of every job type, whatever the collation. */
const AFTER_ALL_TYPES = 'z'.repeat(200)

/**
 * Causes whose first dead letter is younger than the last look, and causes of open alerts as long as a job is dead of
 * them. A new cause has its first dead letter among the jobs that ended since the last look, so these are read, the
 * newest first, and the index `jobs_dead` says in one step whether the cause has an older one. Where too many have
 * ended to read them all, that index is also walked from cause to cause, through the rule's job type alone where it
 * names one. Causes of open alerts are looked up there one by one: their subject is the job type and the fingerprint.
 */
export async function newCausesFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const firstDead = (which: Sql) => sql`SELECT j.job_type, j.error_fingerprint, j.finished_at, j.id FROM jobs j
    WHERE j.status = 'DEAD_LETTER' AND j.organization_id = watched.organization_id AND ${which}
    ORDER BY j.job_type, j.error_fingerprint, j.finished_at, j.id LIMIT 1`
  const ofRule = sql`j.job_type >= COALESCE(watched.condition->>'jobType', '') AND j.job_type <= COALESCE(watched.condition->>'jobType', ${AFTER_ALL_TYPES})`
  const following = sql`(j.job_type, j.error_fingerprint) > (walk.job_type, walk.error_fingerprint)`
  const ofRecent = sql`j.job_type = recent.job_type AND j.error_fingerprint = recent.error_fingerprint`
  const ofAlert = sql`j.job_type = split_part(a.subject, ' ', 1) AND j.error_fingerprint = substr(a.subject, strpos(a.subject, ' ') + 1)`
  const rows = await tx.$queryRaw<(Kind & { fingerprint: string; message: string })[]>`
    WITH ${watched}
    SELECT ${kindColumns}, cause.job_type AS "jobType", cause.error_fingerprint AS fingerprint, j.error_message AS message
    FROM watched CROSS JOIN LATERAL (
      WITH RECURSIVE ended AS MATERIALIZED (
        -- The order and both statuses are those of the index jobs_ended_badly.
        SELECT j.job_type, j.error_fingerprint, j.status FROM jobs j
        WHERE j.status IN ('CANCELED', 'DEAD_LETTER') AND j.organization_id = watched.organization_id AND j.finished_at > watched.seen_until
        ORDER BY j.finished_at DESC, j.id DESC LIMIT ${MOST_RECENT}::int
      ), recent AS (
        SELECT DISTINCT j.job_type, j.error_fingerprint FROM ended j WHERE j.status = 'DEAD_LETTER' AND ${ofRule}
      ), walk AS (
        SELECT *, 1 AS n FROM (${firstDead(ofRule)}) first WHERE (SELECT count(*) FROM ended) >= ${MOST_RECENT}::int
        UNION ALL
        SELECT next.*, walk.n + 1 FROM walk CROSS JOIN LATERAL (${firstDead(sql`${ofRule} AND ${following}`)}) next WHERE walk.n < ${MOST_WALKED}::int
      )
      SELECT first.job_type, first.error_fingerprint, first.id FROM recent CROSS JOIN LATERAL (${firstDead(ofRecent)}) first
      WHERE first.finished_at > watched.seen_until
      UNION
      SELECT walk.job_type, walk.error_fingerprint, walk.id FROM walk WHERE walk.finished_at > watched.seen_until
      UNION
      SELECT first.job_type, first.error_fingerprint, first.id FROM alerts a CROSS JOIN LATERAL (${firstDead(ofAlert)}) first
      WHERE a.rule_id = watched.rule_id AND a.organization_id = watched.organization_id AND a.closed_at IS NULL
    ) cause JOIN jobs j ON j.id = cause.id
    WHERE ${ofType(sql`cause.job_type`)}
      AND NOT EXISTS (SELECT 1 FROM ignored_causes i WHERE i.organization_id = watched.organization_id AND i.job_type = cause.job_type
        AND i.error_fingerprint = cause.error_fingerprint AND ${stillIgnored})`
  return rows.map(({ fingerprint, message, jobType, ...of }) => ({
    ...of,
    subject: `${jobType} ${fingerprint}`,
    label: jobType,
    text: `Jobs of ${jobType} are in the dead letter for a new cause: ${sentence(patternOf(message).slice(0, 500).toWellFormed())}`,
    path: query('/dead-letter', { org: of.organizationId, cause: fingerprint, of: jobType }),
  }))
}

/**
 * Job types of which too large a share of the attempts failed. Attempts are counted by the sums of five minutes (300 s;
 * the job type '' stands for all together). For the minutes that have no sum yet they are counted one by one, at most
 * the latest MOST_COUNTED. A sum that reaches into the rule's time counts whole: otherwise a short time would lose most
 * of its attempts whenever they are summed.
 */
export async function failureRatesFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const from = sql`statement_timestamp() - (watched.condition->>'minutes')::int * interval '1 minute'`
  const rows = await tx.$queryRaw<(Kind & { failed: number; ended: number; minutes: number })[]>`
    WITH ${watched}, summed AS (SELECT COALESCE((SELECT until FROM rollup_progress), '-infinity') AS until)
    SELECT ${kindColumns}, sums.job_type AS "jobType", sums.failed, sums.ended, (watched.condition->>'minutes')::int AS minutes
    FROM watched CROSS JOIN summed CROSS JOIN LATERAL (
      SELECT job_type, sum(failed)::int AS failed, sum(ended)::int AS ended FROM (
        SELECT slice.job_type, slice.failed, slice.completed + slice.failed AS ended FROM metric_rollups slice
        WHERE slice.organization_id = watched.organization_id AND slice.span_seconds = 300 AND slice.job_type <> '' AND slice.at > ${from} - interval '5 minutes' AND slice.at < summed.until
        UNION ALL
        SELECT a.job_type, (a.outcome <> 'COMPLETED')::int, 1 FROM (
          SELECT a.job_type, a.outcome FROM job_attempts a
          WHERE a.organization_id = watched.organization_id AND a.ended_at >= GREATEST(summed.until, ${from})
          ORDER BY a.ended_at DESC LIMIT ${MOST_COUNTED}) a
        WHERE a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')) each
      GROUP BY job_type) sums
    WHERE ${ofType(sql`sums.job_type`)} AND sums.ended >= (watched.condition->>'atLeast')::int AND sums.failed * 100.0 > sums.ended * (watched.condition->>'percent')::numeric`
  return rows.map(({ failed, ended, minutes, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `${share(failed, ended)} of the attempts of ${jobType} failed within ${minutes} min.`,
    path: query('/jobs', { org: of.organizationId, type: jobType }),
  }))
}

/**
 * The oldest job of each type that could have started. Two indexes are walked from one job type and priority to the
 * next (`kind` in the statement): that of due work, and that of work for later. In the latter stand jobs whose time has
 * come while no dispatcher marks them as due.
 */
export async function waitingFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const next = (waitingHere: Sql, after: Sql) => sql`SELECT j.job_type, j.priority, j.rank_at FROM jobs j
    WHERE j.queue = queues.queue AND j.organization_id = watched.organization_id AND ${waitingHere} AND ${after}
    ORDER BY j.job_type, j.priority, j.rank_at LIMIT 1`
  const kinds = (waitingHere: Sql) => sql`
    SELECT kind.job_type, ${dueAt(sql`kind.rank_at`, sql`kind.priority`)} AS due FROM unnest(enum_range(NULL::"JobQueue")) AS queues(queue) CROSS JOIN LATERAL (
      WITH RECURSIVE kind AS (
        SELECT *, 1 AS n FROM (${next(waitingHere, sql`TRUE`)}) first
        UNION ALL
        SELECT following.*, kind.n + 1 FROM kind CROSS JOIN LATERAL (
          ${next(waitingHere, sql`(j.job_type, j.priority) > (kind.job_type, kind.priority)`)}) following WHERE kind.n < ${MOST_WALKED}::int
      ) SELECT * FROM kind) kind`
  const rows = await tx.$queryRaw<(Kind & { seconds: number })[]>`
    WITH ${watched}
    SELECT ${kindColumns}, waiting.job_type AS "jobType", extract(epoch FROM statement_timestamp() - min(waiting.due))::double precision AS seconds
    FROM watched CROSS JOIN LATERAL (
      ${kinds(waitingAndDue)}
      UNION ALL
      ${kinds(waitingForLater)}
      UNION ALL
      SELECT j.job_type, min(${dueAt(sql`j.rank_at`, sql`j.priority`)}) FROM jobs j WHERE j.status = 'QUEUED' AND j.organization_id = watched.organization_id GROUP BY j.job_type
    ) waiting
    WHERE ${ofType(sql`waiting.job_type`)}
    GROUP BY watched.rule_id, watched.organization_id, waiting.job_type, watched.condition
    HAVING min(waiting.due) < statement_timestamp() - (watched.condition->>'seconds')::int * interval '1 second'`
  return rows.map(({ seconds, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `A job of ${jobType} has waited for ${about(seconds)}.`,
    path: query('/jobs', { org: of.organizationId, type: jobType, status: 'PENDING,QUEUED,FAILED,TIMED_OUT' }),
  }))
}

/** Circuits that are not closed. */
export async function circuitsFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<(Kind & { failures: number; outcomes: number })[]>`
    WITH ${watched}
    SELECT ${kindColumns}, circuits.job_type AS "jobType", circuits.failures, circuits.outcomes
    FROM watched JOIN circuits ON circuits.organization_id = watched.organization_id AND circuits.state <> 'CLOSED' WHERE ${ofType(sql`circuits.job_type`)}`
  return rows.map(({ failures, outcomes, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `The circuit of ${jobType} is open, so its jobs wait: ${share(failures, outcomes)} of its attempts failed.`,
    path: query('/circuits', { org: of.organizationId }),
  }))
}

/**
 * Worker pools that no worker takes. Pools are the same for all organizations, so each rule finds a pool once
 * (`given`), and not once for each organization that it watches.
 */
export async function noWorkersFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<{ ruleId: string; organizationId: string | null; pool: string }[]>`
    WITH ${watched}
    SELECT given.rule_id AS "ruleId", given.organization_id AS "organizationId", pools.pool
    FROM given CROSS JOIN (SELECT DISTINCT pool FROM job_types WHERE enabled) pools
    WHERE (given.condition->>'pool' IS NULL OR given.condition->>'pool' = pools.pool)
      AND NOT EXISTS (SELECT 1 FROM workers WHERE ${takesWork} AND (workers.pools IS NULL OR pools.pool = ANY (workers.pools)))`
  return rows.map(({ pool, ...of }) => ({
    ...of,
    subject: pool,
    label: `pool ${pool}`,
    text: `No worker takes jobs of the pool ${pool}, so they wait.`,
    path: '/workers',
  }))
}

/**
 * Schedules whose last run was not submitted, for another reason than their own rule for overlaps. Looked at are the
 * schedules that missed a run since the last look, and those with an open alert. A run that is late by five minutes was
 * missed, too: nobody submits it. One that is late because a pause or a suspension holds the schedule (`held`) was not.
 */
export async function missedFound(tx: Tx, watched: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<{ ruleId: string; organizationId: string; id: string; name: string; why: string }[]>`
    WITH ${watched}, suspects AS (
      SELECT watched.*, schedules.id, schedules.name FROM watched JOIN LATERAL (
        SELECT DISTINCT run.schedule_id FROM schedule_runs run
        WHERE run.organization_id = watched.organization_id AND run.skipped IS NOT NULL AND run.decided_at > watched.seen_until
        UNION
        SELECT a.subject::uuid FROM alerts a WHERE a.rule_id = watched.rule_id AND a.closed_at IS NULL AND a.organization_id = watched.organization_id) missed ON TRUE
      JOIN schedules ON schedules.id = missed.schedule_id AND schedules.enabled
    )
    SELECT suspects.rule_id AS "ruleId", suspects.organization_id AS "organizationId", suspects.id, suspects.name, COALESCE(run.message, run.skipped) AS why
    FROM suspects CROSS JOIN LATERAL (
      SELECT run.* FROM schedule_runs run WHERE run.schedule_id = suspects.id ORDER BY run.planned_at DESC LIMIT 1) run
    WHERE run.skipped IS NOT NULL AND run.skipped <> 'OVERLAP'
    UNION
    SELECT watched.rule_id, watched.organization_id, schedules.id, schedules.name, 'Its run of ' || to_char(schedules.next_run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC is late.'
    FROM watched JOIN schedules ON schedules.organization_id = watched.organization_id
      AND schedules.due_at < statement_timestamp() - interval '5 minutes' AND schedules.due_at IS NOT NULL AND NOT schedules.held`
  // Both halves of the statement may find the same schedule.
  const once = new Map(rows.map((row) => [`${row.ruleId} ${row.id}`, row]))
  return [...once.values()].map(({ id, name, why, ...of }) => ({
    ...of,
    subject: id,
    label: name,
    text: `The schedule ${name} missed a run. ${sentence(why)}`,
    path: query(`/schedules/${id}`, { org: of.organizationId }),
  }))
}
