import { Prisma, statementName, type Tx } from '@/server/db'
import type { OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import {
  conditionOf,
  DEPENDENCY_CONDITIONS,
  invalidDependency,
  parentName,
  type DependencyCondition,
  type Parent,
} from '../../domain/dependencies'
import { EngineError, notVisible } from '../../domain/errors'
import type { JobLabel } from '../../domain/job-label'
import { checkJobOptions, invalid } from '../../domain/job-options'
import { isFinal } from '../../domain/state'
import type { JobStatus, Json, SubmitInput } from '../../domain/types'
import { holdParents } from '../../store/admission/dependencies'

// What is checked of a submission besides its parameters.

/** What a submitter may submit: job types that require one of these roles. */
export interface Submitter {
  role: string
  reaches: readonly OrgRole[]
}

/** A job of a submission before it becomes a row. */
export interface Draft {
  index: number
  /** The prefix of the job in the caller's input: `jobs[3].` or nothing. */
  at: string
  id: string
  input: SubmitInput
  type: JobTypeRow
  parameters: Json
  /** The parameters as everybody may read them. */
  masked: Json
  label: JobLabel
  parents: Parent[]
}

export interface JobTypeRow {
  name: string
  version: number
  queue: string
  enabled: boolean
  requiredRole: OrgRole
  parameterSchema: Json
  displayName: string
  title: string | null
  priority: SubmitInput['priority'] & string
  maxRetries: number
  timeoutSeconds: number
  rateLimitCount: number | null
  rateLimitWindowSeconds: number | null
}

/**
 * Refuses input that is out of bounds. The API's schema checks the same, but callers in the same process do not pass
 * through it.
 */
export function checkInput(input: SubmitInput, at: string): void {
  const { idempotencyKey, ref, dependsOn } = input
  checkJobOptions(input, at)
  checkText(idempotencyKey, `${at}idempotencyKey`)
  checkText(ref, `${at}ref`)
  dependsOn?.forEach((parent, n) => {
    if (!DEPENDENCY_CONDITIONS.includes(conditionOf(parent)))
      throw invalid(`${at}dependsOn[${n}].on`, 'Say "completed" or "ended".')
    checkText(parentName(parent), `${at}dependsOn[${n}]`)
  })
}

function checkText(value: string | undefined, path: string): void {
  if (value === undefined) return
  if (value === '' || value.length > 255) throw invalid(path, 'Give 1 to 255 characters.')
  if (value.includes('\0') || !value.isWellFormed())
    throw invalid(path, 'Leave out NUL characters and halves of surrogate pairs.')
}

/**
 * Reads the organization and the job types in one statement, because most of a submission's time is the way to the
 * database and back.
 *
 * @param lockTimeout for how long later statements of this transaction wait for a lock, as PostgreSQL writes it
 * ('100ms'). Undefined leaves that as it is
 */
export async function readSettings(
  tx: Tx,
  organizationId: string,
  jobs: readonly Pick<SubmitInput, 'jobType'>[],
  lockTimeout: string | undefined,
): Promise<{ status: OrganizationStatus | null; types: Map<string, JobTypeRow> }> {
  const names = [...new Set(jobs.map((job) => job.jobType))]
  const [row] = await tx.$queryRaw<
    { status: OrganizationStatus | null; types: JobTypeRow[] }[]
  >(Prisma.sql`${statementName('settings')}
    SELECT (SELECT o.status FROM organizations o WHERE o.id = ${organizationId}::uuid) AS status,
      (SELECT COALESCE(json_agg(json_build_object('name', t.name, 'version', t.version, 'queue', t.queue, 'enabled', t.enabled, 'requiredRole', t.required_role,
        'parameterSchema', t.parameter_schema, 'displayName', t.display_name, 'title', t.title, 'priority', t.priority, 'maxRetries', t.max_retries, 'timeoutSeconds', t.timeout_seconds,
        'rateLimitCount', t.rate_limit_count, 'rateLimitWindowSeconds', t.rate_limit_window_seconds) ORDER BY t.name), '[]')
       FROM job_types t WHERE t.name = ANY(${names}::text[])) AS types,
      set_config('lock_timeout', COALESCE(${lockTimeout ?? null}::text, current_setting('lock_timeout')), true)`)
  return { status: row!.status, types: new Map(row!.types.map((type) => [type.name, type])) }
}

/**
 * Refuses job types that require a role which the submitter does not have, and to every submitter the job type that
 * delivers alerts. Without a submitter all are allowed.
 */
export function requireReach(types: ReadonlyMap<string, JobTypeRow>, submitter: Submitter | undefined): void {
  if (!submitter) return
  for (const { name, requiredRole } of types.values()) {
    // Whoever may submit jobs of this type could send mail to anybody.
    if (name === DELIVERY_TYPE)
      throw new EngineError(
        'NOT_PERMITTED',
        `Jobs of ${name} deliver messages of alerts. Only Jobyard itself submits them.`,
      )
    if (submitter.reaches.includes(requiredRole)) continue
    throw new EngineError('NOT_PERMITTED', `Job type ${name} needs role ${requiredRole}; yours is ${submitter.role}.`)
  }
}

/**
 * A submitter who may not decide for the whole organization may shorten a job's time but not lengthen it, because a
 * slot that a job holds is missing to everybody.
 */
export function requireTimeout(
  timeoutSeconds: number | undefined,
  jobType: string,
  most: number,
  submitter: Submitter | undefined,
  path: string,
): void {
  if (!submitter || timeoutSeconds === undefined || timeoutSeconds <= most || submitter.reaches.includes('ADMIN'))
    return
  throw invalid(
    path,
    `Give at most ${most} seconds, the timeout of job type ${jobType}, or leave it out: more needs role ADMIN; yours is ${submitter.role}. Ask an ADMIN to submit or change the job.`,
  )
}

export function requireActive(organizationId: string, status: OrganizationStatus | null): void {
  if (status === null || status === 'DELETED') {
    throw notVisible('organization', organizationId)
  }
  if (status === 'SUSPENDED') {
    throw new EngineError(
      'ORGANIZATION_SUSPENDED',
      'This organization is suspended: nothing can be submitted until it is resumed.',
    )
  }
}

export function requireTypes(
  types: ReadonlyMap<string, JobTypeRow>,
  jobs: readonly (Pick<SubmitInput, 'jobType'> & Pick<Draft, 'at'>)[],
): void {
  for (const { jobType, at } of jobs) {
    const path = `${at}jobType`
    const type = types.get(jobType)
    if (!type) {
      const message = `There is no job type "${jobType}". jobTypes.list names those that exist.`
      throw new EngineError('UNKNOWN_JOB_TYPE', message, { fields: [{ path, message }] })
    }
    if (!type.enabled) {
      const message = `The job type "${jobType}" is disabled. An admin can enable it.`
      throw new EngineError('JOB_TYPE_DISABLED', message, { fields: [{ path, message }] })
    }
  }
}

/** Checks parents that exist already. Returns those that have ended, with their status. */
export async function checkParents(
  tx: Tx,
  organizationId: string,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, JobStatus>> {
  const named = drafts.flatMap(({ parents }) => parents.flatMap((parent) => ('jobId' in parent ? [parent] : [])))
  return refuseDead(
    named,
    await holdParents(
      tx,
      organizationId,
      named.map(({ jobId }) => jobId),
    ),
  )
}

/**
 * Checks parents of the batch that turned out to be jobs of an earlier submission with the same idempotency key.
 *
 * @param known by the index of a job in the batch, the id of the job that its idempotency key belongs to already
 */
export async function checkKnownParents(
  tx: Tx,
  organizationId: string,
  fresh: readonly Draft[],
  known: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<string, JobStatus>> {
  if (known.size === 0) return new Map()
  const named = fresh.flatMap(({ parents }) =>
    parents.flatMap((parent) => {
      const jobId = 'index' in parent ? known.get(parent.index) : undefined
      return jobId ? [{ jobId, on: parent.on, path: parent.path }] : []
    }),
  )
  // Where two jobs of this batch share a key, it belongs to the first of them, which is yet to be created.
  const created = new Set(fresh.map(({ id }) => id))
  const earlier = named.filter(({ jobId }) => !created.has(jobId))
  return refuseDead(
    earlier,
    await holdParents(
      tx,
      organizationId,
      earlier.map(({ jobId }) => jobId),
    ),
  )
}

function refuseDead(
  named: readonly { jobId: string; on: DependencyCondition; path: string }[],
  statuses: ReadonlyMap<string, JobStatus>,
): ReadonlyMap<string, JobStatus> {
  for (const { jobId, on, path } of named) {
    const status = statuses.get(jobId)
    if (!status) throw invalidDependency({ path, message: `there is no job ${jobId} in this organization.` })
    if (on === 'completed' && (status === 'DEAD_LETTER' || status === 'CANCELED')) {
      throw invalidDependency({
        path,
        message: `job ${jobId} is ${status} and would be waited for in vain. Retry it first, or wait for its end alone: {"job": "${jobId}", "on": "ended"}.`,
      })
    }
  }
  return new Map([...statuses].filter(([, status]) => isFinal(status)))
}
