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

// One statement for each condition of alert rules. Each gets `t`: the rules with the organizations that they are about.
// `t.c` is the condition, `t.seen_until` the time that the last look has seen. They compare with `statement_timestamp()`, because `clock_timestamp()`
// changes from row to row, so that no index could stop there.

/** The most causes, or kinds of waiting work, of one organization that are walked. */
const MOST_WALKED = 500
/** The most attempts of one organization that are counted beside the sums. */
const MOST_COUNTED = 5_000

/** Condition: the rule names no job type, or this one. Messages about alerts are no subject of alerts. */
const ofType = (jobType: Sql): Sql =>
  sql`(t.c->>'jobType' IS NULL OR t.c->>'jobType' = ${jobType}) AND ${jobType} <> ${DELIVERY_TYPE}`
const share = (part: number, of: number) => `${Math.round((100 * part) / of)} % (${part} of ${of})`
const query = (path: string, given: Record<string, string>) => `${path}?${new URLSearchParams(given).toString()}`

/** With a full stop, where none is there. */
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

interface Kind {
  ruleId: string
  organizationId: string
  jobType: string
}
const kindColumns = sql`t.rule_id AS "ruleId", t.organization_id AS "organizationId"`

/** Sorts after the name of every job type, whatever the collation. */
const AFTER_ALL_TYPES = 'z'.repeat(200)

/**
 * Causes whose first dead letter is younger than the last look, and causes of open alerts as long as a job is dead of them. The index `jobs_dead`
 * is walked from cause to cause, and only through the rule's job type where it names one, so the number of dead letters costs nothing. Causes of open
 * alerts are looked up there one by one, because the walk may end before it reaches them.
 */
export async function newCausesFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const next = (which: Sql) => sql`SELECT j.job_type, j.error_fingerprint, j.finished_at, j.id FROM jobs j
    WHERE j.status = 'DEAD_LETTER' AND j.organization_id = t.organization_id AND ${which}
    ORDER BY j.job_type, j.error_fingerprint, j.finished_at, j.id LIMIT 1`
  const ofRule = sql`j.job_type >= COALESCE(t.c->>'jobType', '') AND j.job_type <= COALESCE(t.c->>'jobType', ${AFTER_ALL_TYPES})`
  const following = sql`(j.job_type, j.error_fingerprint) > (c.job_type, c.error_fingerprint)`
  const ofAlert = sql`j.job_type = split_part(a.subject, ' ', 1) AND j.error_fingerprint = substr(a.subject, strpos(a.subject, ' ') + 1)`
  const rows = await tx.$queryRaw<(Kind & { fingerprint: string; message: string })[]>`
    WITH ${targets}
    SELECT ${kindColumns}, c.job_type AS "jobType", c.error_fingerprint AS fingerprint, j.error_message AS message
    FROM t CROSS JOIN LATERAL (
      SELECT w.job_type, w.error_fingerprint, w.id FROM (
        WITH RECURSIVE c AS (
          SELECT *, 1 AS n FROM (${next(ofRule)}) first
          UNION ALL
          SELECT f.*, c.n + 1 FROM c CROSS JOIN LATERAL (${next(sql`${ofRule} AND ${following}`)}) f WHERE c.n < ${MOST_WALKED}::int
        ) SELECT * FROM c) w
      WHERE w.finished_at > t.seen_until
      UNION
      SELECT f.job_type, f.error_fingerprint, f.id FROM alerts a CROSS JOIN LATERAL (${next(ofAlert)}) f
      WHERE a.rule_id = t.rule_id AND a.organization_id = t.organization_id AND a.closed_at IS NULL) c
    JOIN jobs j ON j.id = c.id
    WHERE ${ofType(sql`c.job_type`)}
      AND NOT EXISTS (SELECT 1 FROM ignored_causes i WHERE i.organization_id = t.organization_id AND i.job_type = c.job_type
        AND i.error_fingerprint = c.error_fingerprint AND ${stillIgnored})`
  return rows.map(({ fingerprint, message, jobType, ...of }) => ({
    ...of,
    subject: `${jobType} ${fingerprint}`,
    label: jobType,
    text: `Jobs of ${jobType} are in the dead letter for a new cause: ${sentence(patternOf(message).slice(0, 500).toWellFormed())}`,
    path: query('/dead-letter', { org: of.organizationId, cause: fingerprint, of: jobType }),
  }))
}

/**
 * From the sums of five minutes, and for the minutes that have none yet from the attempts, of which the latest are enough. Sums that reach into the
 * time that counts are counted whole: otherwise a short time would lose most of its attempts whenever they are summed.
 */
export async function failureRatesFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const from = sql`statement_timestamp() - (t.c->>'minutes')::int * interval '1 minute'`
  const rows = await tx.$queryRaw<(Kind & { failed: number; ended: number; minutes: number })[]>`
    WITH ${targets}, sums AS (SELECT COALESCE((SELECT until FROM rollup_progress), '-infinity') AS until)
    SELECT ${kindColumns}, s.job_type AS "jobType", s.failed, s.ended, (t.c->>'minutes')::int AS minutes
    FROM t CROSS JOIN sums CROSS JOIN LATERAL (
      SELECT job_type, sum(failed)::int AS failed, sum(ended)::int AS ended FROM (
        SELECT r.job_type, r.failed, r.completed + r.failed AS ended FROM metric_rollups r
        WHERE r.organization_id = t.organization_id AND r.span_seconds = 300 AND r.job_type <> '' AND r.at > ${from} - interval '5 minutes' AND r.at < sums.until
        UNION ALL
        SELECT a.job_type, (a.outcome <> 'COMPLETED')::int, 1 FROM (
          SELECT a.job_type, a.outcome FROM job_attempts a
          WHERE a.organization_id = t.organization_id AND a.ended_at >= GREATEST(sums.until, ${from})
          ORDER BY a.ended_at DESC LIMIT ${MOST_COUNTED}) a
        WHERE a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')) each
      GROUP BY job_type) s
    WHERE ${ofType(sql`s.job_type`)} AND s.ended >= (t.c->>'atLeast')::int AND s.failed * 100.0 > s.ended * (t.c->>'percent')::numeric`
  return rows.map(({ failed, ended, minutes, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `${share(failed, ended)} of the attempts of ${jobType} failed within ${minutes} min.`,
    path: query('/jobs', { org: of.organizationId, type: jobType }),
  }))
}

/**
 * The oldest job of each kind that could have started. The indexes of waiting work are walked from kind to kind: that of due work, and that of work for
 * later, where jobs stand whose time has come while no dispatcher marks them.
 */
export async function waitingFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const next = (waitingHere: Sql, after: Sql) => sql`SELECT j.job_type, j.priority, j.rank_at FROM jobs j
    WHERE j.queue = q.queue AND j.organization_id = t.organization_id AND ${waitingHere} AND ${after}
    ORDER BY j.job_type, j.priority, j.rank_at LIMIT 1`
  const kinds = (waitingHere: Sql) => sql`
    SELECT c.job_type, ${dueAt(sql`c.rank_at`, sql`c.priority`)} AS due FROM unnest(enum_range(NULL::"JobQueue")) AS q(queue) CROSS JOIN LATERAL (
      WITH RECURSIVE c AS (
        SELECT *, 1 AS n FROM (${next(waitingHere, sql`TRUE`)}) first
        UNION ALL
        SELECT f.*, c.n + 1 FROM c CROSS JOIN LATERAL (
          ${next(waitingHere, sql`(j.job_type, j.priority) > (c.job_type, c.priority)`)}) f WHERE c.n < ${MOST_WALKED}::int
      ) SELECT * FROM c) c`
  const rows = await tx.$queryRaw<(Kind & { seconds: number })[]>`
    WITH ${targets}
    SELECT ${kindColumns}, w.job_type AS "jobType", extract(epoch FROM statement_timestamp() - min(w.due))::double precision AS seconds
    FROM t CROSS JOIN LATERAL (
      ${kinds(waitingAndDue)}
      UNION ALL
      ${kinds(waitingForLater)}
      UNION ALL
      SELECT j.job_type, min(j.queued_at) FROM jobs j WHERE j.status = 'QUEUED' AND j.organization_id = t.organization_id GROUP BY j.job_type
    ) w
    WHERE ${ofType(sql`w.job_type`)}
    GROUP BY t.rule_id, t.organization_id, w.job_type, t.c
    HAVING min(w.due) < statement_timestamp() - (t.c->>'seconds')::int * interval '1 second'`
  return rows.map(({ seconds, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `A job of ${jobType} has waited for ${about(seconds)}.`,
    path: query('/jobs', { org: of.organizationId, type: jobType, status: 'PENDING,QUEUED,FAILED,TIMED_OUT' }),
  }))
}

export async function circuitsFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<(Kind & { failures: number; outcomes: number })[]>`
    WITH ${targets}
    SELECT ${kindColumns}, k.job_type AS "jobType", k.failures, k.outcomes
    FROM t JOIN circuits k ON k.organization_id = t.organization_id AND k.state <> 'CLOSED' WHERE ${ofType(sql`k.job_type`)}`
  return rows.map(({ failures, outcomes, jobType, ...of }) => ({
    ...of,
    subject: jobType,
    label: jobType,
    text: `The circuit of ${jobType} is open, so its jobs wait: ${share(failures, outcomes)} of its attempts failed.`,
    path: query('/circuits', { org: of.organizationId }),
  }))
}

/** Pools are the same for all organizations, so the rule's own organization is all that it is about. */
export async function noWorkersFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<{ ruleId: string; organizationId: string | null; pool: string }[]>`
    WITH ${targets}
    SELECT g.rule_id AS "ruleId", g.organization_id AS "organizationId", p.pool
    FROM given g CROSS JOIN (SELECT DISTINCT pool FROM job_types WHERE enabled) p
    WHERE (g.c->>'pool' IS NULL OR g.c->>'pool' = p.pool)
      AND NOT EXISTS (SELECT 1 FROM workers w WHERE ${takesWork} AND (w.pools IS NULL OR p.pool = ANY (w.pools)))`
  return rows.map(({ pool, ...of }) => ({
    ...of,
    subject: pool,
    label: `pool ${pool}`,
    text: `No worker takes jobs of the pool ${pool}, so they wait.`,
    path: '/workers',
  }))
}

/**
 * Schedules whose last run was not submitted, for another reason than their own rule for overlaps. A schedule is looked at that missed a run since the
 * last look, or has an open alert. A run that is late by five minutes was missed, too: nobody submits it.
 */
export async function missedFound(tx: Tx, targets: Sql): Promise<Finding[]> {
  const rows = await tx.$queryRaw<{ ruleId: string; organizationId: string; id: string; name: string; why: string }[]>`
    WITH ${targets}, suspects AS (
      SELECT t.*, s.id, s.name FROM t JOIN LATERAL (
        SELECT DISTINCT r.schedule_id FROM schedule_runs r
        WHERE r.organization_id = t.organization_id AND r.skipped IS NOT NULL AND r.decided_at > t.seen_until
        UNION
        SELECT a.subject::uuid FROM alerts a WHERE a.rule_id = t.rule_id AND a.closed_at IS NULL AND a.organization_id = t.organization_id) f ON TRUE
      JOIN schedules s ON s.id = f.schedule_id AND s.enabled
    )
    SELECT t.rule_id AS "ruleId", t.organization_id AS "organizationId", t.id, t.name, COALESCE(r.message, r.skipped) AS why
    FROM suspects t CROSS JOIN LATERAL (
      SELECT r.* FROM schedule_runs r WHERE r.schedule_id = t.id ORDER BY r.planned_at DESC LIMIT 1) r
    WHERE r.skipped IS NOT NULL AND r.skipped <> 'OVERLAP'
    UNION
    SELECT t.rule_id, t.organization_id, s.id, s.name, 'Its run of ' || to_char(s.next_run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC is late.'
    FROM t JOIN schedules s ON s.organization_id = t.organization_id
      AND s.due_at < statement_timestamp() - interval '5 minutes' AND s.due_at IS NOT NULL AND NOT s.held`
  const once = new Map(rows.map((row) => [`${row.ruleId} ${row.id}`, row]))
  return [...once.values()].map(({ id, name, why, ...of }) => ({
    ...of,
    subject: id,
    label: name,
    text: `The schedule ${name} missed a run. ${sentence(why)}`,
    path: query(`/schedules/${id}`, { org: of.organizationId }),
  }))
}
