import { Prisma, type DbOrTx } from '@/server/db'
import { notVisible } from '../../domain/errors'
import { MAX_LISTED_VALUE_BYTES } from '../../domain/limits'
import type { Actor, ArtifactView, ErrorClass, JobPriority, JobStatus, JobView, Json, Scope } from '../../domain/types'
import { jsonBytes } from './cursor'

/**
 * A scope without organizations. It is for readers who get no sensitive parameters: lists, and everybody below the role
 * that may submit.
 */
const NOWHERE: Scope = { organizationIds: [] }

/**
 * The columns of a job as it is shown. They read j = jobs, i = job_inputs, t = the job's title (left join), r =
 * job_results (left join), and o = organizations.
 *
 * @param unmasked the organizations in which sensitive parameters are shown as they are
 */
export const jobViewColumns = (unmasked: Scope) => columns(parametersFor(unmasked), Prisma.sql`r.result`)

const columns = (parameters: Prisma.Sql, result: Prisma.Sql) => Prisma.sql`
  j.id, COALESCE(t.title, j.job_type) AS title, j.organization_id, j.job_type, j.job_type_version, i.rerun_of, i.schedule_id, j.status, j.priority, ${parameters} AS parameters,
  j.progress, j.progress_message, j.error_message, j.error_class, j.error_fingerprint,
  j.attempt, j.failures, j.max_retries, j.timeout_seconds, j.run_at, j.next_retry_at,
  j.submitted_by_type, j.submitted_by_id, j.submitted_by_name,
  j.cancel_requested_at, j.canceled_at, j.canceled_by, j.cancel_reason,
  j.created_at, j.queued_at, j.started_at, j.finished_at, o.status AS organization_status,
  ${result} AS result,
  (SELECT jsonb_agg(jsonb_build_object('name', a.name, 'contentType', a.content_type, 'size', a.size) ORDER BY a.name)
   FROM artifacts a WHERE a.job_id = j.id) AS artifacts,
  (SELECT jsonb_agg(jsonb_build_object('job', d.parent_id, 'on', CASE WHEN d.on_ended THEN 'ended' ELSE 'completed' END, 'ref', d.ref) ORDER BY d.parent_id)
   FROM job_dependencies d WHERE d.job_id = j.id) AS depends_on`

function parametersFor(unmasked: Scope): Prisma.Sql {
  if ('all' in unmasked) return Prisma.sql`COALESCE(i.unmasked, i.parameters)`
  if (unmasked.organizationIds.length === 0) return Prisma.sql`i.parameters`
  return Prisma.sql`CASE WHEN ${inScope(Prisma.sql`j.organization_id`, unmasked)} THEN COALESCE(i.unmasked, i.parameters) ELSE i.parameters END`
}

/** The FROM clause that `jobViewColumns` needs. */
const jobViewTables = Prisma.sql`jobs j
  JOIN job_inputs i ON i.job_id = j.id
  JOIN organizations o ON o.id = j.organization_id
  LEFT JOIN job_search t ON t.job_id = j.id
  LEFT JOIN job_results r ON r.job_id = j.id`

/** A row with the columns of `jobViewColumns`. */
export interface JobViewRow {
  id: string
  title: string
  organization_id: string
  job_type: string
  job_type_version: number
  rerun_of: string | null
  schedule_id: string | null
  status: JobStatus
  priority: JobPriority
  parameters: Json
  progress: number
  progress_message: string | null
  error_message: string | null
  error_class: ErrorClass | null
  error_fingerprint: string | null
  attempt: number
  failures: number
  max_retries: number
  timeout_seconds: number
  run_at: Date
  next_retry_at: Date | null
  submitted_by_type: string
  submitted_by_id: string | null
  submitted_by_name: string
  cancel_requested_at: Date | null
  canceled_at: Date | null
  canceled_by: Actor | null
  cancel_reason: string | null
  created_at: Date
  queued_at: Date | null
  started_at: Date | null
  finished_at: Date | null
  organization_status: 'ACTIVE' | 'SUSPENDED' | 'DELETED'
  result: Json
  artifacts: Omit<ArtifactView, 'url'>[] | null
  depends_on: JobView['dependencies'] | null
}

/**
 * The row as the API shows it. The result and the artifacts of a job of a suspended organization are withheld, except
 * from system admins, whose scope is everything (rule 4.10).
 */
export function toJobView(row: JobViewRow, scope: Scope): JobView {
  const withheld = row.organization_status === 'SUSPENDED' && !('all' in scope)
  return {
    id: row.id,
    title: row.title,
    organizationId: row.organization_id,
    jobType: row.job_type,
    jobTypeVersion: row.job_type_version,
    rerunOf: row.rerun_of,
    scheduleId: row.schedule_id,
    status: row.status,
    priority: row.priority,
    parameters: row.parameters,
    progress: row.progress,
    progressMessage: row.progress_message,
    result: withheld ? null : row.result,
    artifacts: withheld
      ? null
      : (row.artifacts ?? []).map((a) => ({ ...a, url: `/api/artifacts/${row.id}/${encodeURIComponent(a.name)}` })),
    withheld,
    error:
      row.error_message === null
        ? null
        : {
            // An error is always stored with its class and fingerprint. The columns may be null where there is no error.
            message: row.error_message,
            class: row.error_class ?? 'PERMANENT',
            fingerprint: row.error_fingerprint ?? '',
          },
    attempt: row.attempt,
    failures: row.failures,
    maxRetries: row.max_retries,
    timeoutSeconds: row.timeout_seconds,
    runAt: row.run_at,
    nextRetryAt: row.next_retry_at,
    dependsOn: (row.depends_on ?? []).map(({ job }) => job),
    dependencies: row.depends_on ?? [],
    submittedBy: {
      type: row.submitted_by_type.toLowerCase() as Actor['type'],
      id: row.submitted_by_id,
      name: row.submitted_by_name,
    },
    cancelRequestedAt: row.cancel_requested_at,
    canceledAt: row.canceled_at,
    canceledBy: row.canceled_by,
    cancelReason: row.cancel_reason,
    createdAt: row.created_at,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }
}

/** The fields of a job that may be large. Lists leave out large ones unless the caller asks for them. */
export const LARGE_VALUES = ['parameters', 'result'] as const
export type LargeValue = (typeof LARGE_VALUES)[number]

/** A job as lists show it, with its size in bytes of JSON and the fields that were left out. */
export interface SizedJob {
  job: JobView
  truncated: LargeValue[]
  bytes: number
}

/**
 * Reads jobs as `readJobs` does, with sensitive parameters masked. Large values that are not to be included are not
 * sent by PostgreSQL. Where their stored size tells enough, PostgreSQL does not even read them.
 */
export async function readListedJobs(
  db: DbOrTx,
  jobIds: readonly string[],
  scope: Scope,
  include: readonly LargeValue[],
): Promise<SizedJob[]> {
  const shown = (name: LargeValue, column: Prisma.Sql) =>
    include.includes(name) ? Prisma.sql`${column}::text` : unlessLarge(column)
  const rows = await db.$queryRaw<ListedRow[]>`
    SELECT ${columns(shown('parameters', Prisma.sql`i.parameters`), shown('result', Prisma.sql`r.result`))}, r.result IS NOT NULL AS has_result
    FROM ${jobViewTables}
    WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND ${inScope(Prisma.sql`j.organization_id`, scope)}
      AND (o.status <> 'DELETED' OR ${'all' in scope})`
  const byId = new Map(rows.map((row) => [row.id, row]))
  return jobIds.flatMap((id) => byId.get(id) ?? []).map((row) => toListedJob(row, scope, include))
}

type ListedRow = Omit<JobViewRow, LargeValue> & {
  parameters: string | null
  result: string | null
  has_result: boolean
}

/**
 * PostgreSQL writes JSON with spaces, which makes it at most half as long again as the API's text. Values that come are
 * measured again here. In PostgreSQL's own form a value takes at most six times its text (an array of small numbers),
 * and less when it is compressed. A value above the first bound is therefore large without being unpacked.
 */
const unlessLarge = (column: Prisma.Sql): Prisma.Sql => Prisma.sql`CASE
  WHEN pg_column_size(${column}) > ${8 * MAX_LISTED_VALUE_BYTES}::int THEN NULL
  WHEN octet_length(${column}::text) > ${1.5 * MAX_LISTED_VALUE_BYTES}::int THEN NULL
  ELSE ${column}::text END`

function toListedJob(row: ListedRow, scope: Scope, include: readonly LargeValue[]): SizedJob {
  const cut = (name: LargeValue, text: string | null): { value: Json; bytes: number; leftOut: boolean } => {
    const value = text === null ? null : (JSON.parse(text) as Json)
    // A character has at most three bytes, so a short text needs no measuring.
    const small =
      text !== null &&
      (include.includes(name) ||
        text.length * 3 <= MAX_LISTED_VALUE_BYTES ||
        jsonBytes(value) <= MAX_LISTED_VALUE_BYTES)
    return small ? { value, bytes: Buffer.byteLength(text), leftOut: false } : { value: null, bytes: 0, leftOut: true }
  }
  const parameters = cut('parameters', row.parameters)
  const result = row.has_result ? cut('result', row.result) : { value: null, bytes: 0, leftOut: false }
  const job = toJobView({ ...row, parameters: null, result: null }, scope)
  const truncated = LARGE_VALUES.filter((name) =>
    name === 'parameters' ? parameters.leftOut : result.leftOut && !job.withheld,
  )
  const bytes = jsonBytes(job) + parameters.bytes + (job.withheld ? 0 : result.bytes)
  return { job: { ...job, parameters: parameters.value, result: job.withheld ? null : result.value }, truncated, bytes }
}

/** Condition: `column` is one of the organizations of a scope. */
export function inScope(column: Prisma.Sql, scope: Scope): Prisma.Sql {
  return 'all' in scope ? Prisma.sql`TRUE` : Prisma.sql`${column} = ANY(${[...scope.organizationIds]}::uuid[])`
}

/**
 * Reads jobs of a scope by id, in the order of the ids. Jobs that do not exist or are out of scope are left out.
 *
 * @param unmasked the organizations in which sensitive parameters are shown as they are. By default there are none
 */
export async function readJobs(
  db: DbOrTx,
  jobIds: readonly string[],
  scope: Scope,
  unmasked: Scope = NOWHERE,
): Promise<JobView[]> {
  const rows = await db.$queryRaw<JobViewRow[]>`
    SELECT ${jobViewColumns(unmasked)} FROM ${jobViewTables}
    WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND ${inScope(Prisma.sql`j.organization_id`, scope)}
      AND (o.status <> 'DELETED' OR ${'all' in scope})`
  const byId = new Map(rows.map((row) => [row.id, row]))
  return jobIds.flatMap((id) => byId.get(id) ?? []).map((row) => toJobView(row, scope))
}

/**
 * One job.
 *
 * @param unmasked the organizations in which its sensitive parameters are shown as they are
 * @throws EngineError NOT_FOUND when the job does not exist or is not in this scope. The caller is not told which
 */
export async function getJob(db: DbOrTx, jobId: string, scope: Scope, unmasked: Scope = NOWHERE): Promise<JobView> {
  const [job] = await readJobs(db, [jobId], scope, unmasked)
  if (!job) throw notVisible('job', jobId)
  return job
}
