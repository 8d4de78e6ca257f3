import { v7 as uuidv7 } from 'uuid'
import { Prisma, statementName, type Db, type DbOrTx, type Tx } from '@/server/db'
import type { OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'
import { dedupeHash, inputHash } from '../domain/dedupe-hash'
import { invalidDependency, resolveParents, type Parent } from '../domain/dependencies'
import { EngineError } from '../domain/errors'
import { checkJobOptions, invalid } from '../domain/job-options'
import { MAX_BATCH } from '../domain/limits'
import { storedParameters } from '../domain/stored-parameters'
import type { Actor, JobView, Json, Scope, SubmitInput } from '../domain/types'
import { takeHashes } from '../store/dedupe'
import { holdParents } from '../store/dependencies'
import { takeIdempotencyKeys } from '../store/idempotency'
import { readJobs, toJobView } from '../store/job-view'
import { admitAtRate, type RateWish } from '../store/rate'
import { announce } from '../store/signals'
import { inTransaction, isClient } from '../store/transaction'
import { createJobs, type NewJob } from '../store/transition'
import { FEW_JOBS, holdToQuota, keepFarFromQuota, QuotaIsNear } from '../store/usage'

/** What a submitter may submit: job types that need one of these roles. */
export interface Submitter {
  role: string
  reaches: readonly OrgRole[]
}

export interface Submission {
  organizationId: string
  jobs: readonly SubmitInput[]
  actor: Actor
  /** Absent: whoever calls the engine itself may submit anything. */
  submitter?: Submitter
}

/**
 * Submits jobs, all or none, in the caller's transaction or one of its own, and returns them in
 * order. Nothing reaches a worker before that transaction commits; a rollback takes everything back.
 *
 * @throws EngineError INVALID_INPUT, NOT_PERMITTED, ORGANIZATION_SUSPENDED, UNKNOWN_JOB_TYPE, JOB_TYPE_DISABLED,
 * TOO_LARGE, INVALID_PARAMETERS, INVALID_DEPENDENCY, IDEMPOTENCY_MISMATCH, DUPLICATE_JOB, RATE_LIMITED
 * or QUEUE_FULL, decided in this order; its `fields` name the place as `jobs[i].…`.
 */
export function submitJobs(db: DbOrTx, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, (index) => `jobs[${index}].`)
}

/** How long `submitTogether` waits for what somebody else holds. */
const IMPATIENT = '100ms'

/**
 * `submitJobs` for jobs that have nothing to do with each other, in a transaction of their own. Of several,
 * what it refuses says nothing about a single one; and rather than let all of them wait for a lock that
 * one needs, it fails with SQLSTATE 55P03.
 */
export function submitTogether(db: Db, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, () => '', IMPATIENT)
}

/** Submits one job: `submitJobs` with field paths that need no index. */
export async function submitJob(
  db: DbOrTx,
  { job, ...rest }: Omit<Submission, 'jobs'> & { job: SubmitInput },
): Promise<JobView> {
  const [view] = await submit(db, { ...rest, jobs: [job] }, () => '')
  if (!view) throw new Error('a submission answered without its job')
  return view
}

/** A job of the submission on its way to becoming a row. */
interface Draft {
  index: number
  /** Where the caller finds it: `jobs[3].` or nothing. */
  at: string
  id: string
  input: SubmitInput
  type: JobTypeRow
  parameters: Json
  /** The parameters as everybody may read them. */
  masked: Json
  parents: Parent[]
}

interface JobTypeRow {
  name: string
  version: number
  queue: string
  enabled: boolean
  requiredRole: OrgRole
  parameterSchema: Json
  priority: SubmitInput['priority'] & string
  maxRetries: number
  timeoutSeconds: number
  rateLimitCount: number | null
  rateLimitWindowSeconds: number | null
}

async function submit(db: DbOrTx, submission: Submission, at: (index: number) => string, lockTimeout?: string): Promise<JobView[]> {
  const { jobs } = submission
  if (jobs.length === 0 || jobs.length > MAX_BATCH) {
    throw invalid('jobs', `Give 1 to ${MAX_BATCH} jobs; there are ${jobs.length}.`)
  }
  jobs.forEach((job, index) => checkInput(job, at(index)))
  // A caller's transaction may submit any number of times: only what is known to be little need not be counted exactly.
  if (isClient(db) && jobs.length <= FEW_JOBS) {
    try {
      return await submitHeld(db, submission, at, keepFarFromQuota, lockTimeout)
    } catch (error) {
      if (!(error instanceof QuotaIsNear)) throw error
    }
  }
  return submitHeld(db, submission, at, holdToQuota, lockTimeout)
}

function submitHeld(
  db: DbOrTx,
  { organizationId, jobs, actor, submitter }: Submission,
  at: (index: number) => string,
  hold: (tx: Tx, organizationId: string) => Promise<void>,
  lockTimeout?: string,
): Promise<JobView[]> {
  const parents = resolveParents(jobs, at)
  return inTransaction(db, async (tx) => {
    const { status, types } = await readSettings(tx, organizationId, jobs, lockTimeout)
    requireReach(types, submitter)
    requireActive(organizationId, status)
    requireTypes(types, jobs, at)
    const drafts = jobs.map((input, index): Draft => {
      const type = types.get(input.jobType)!
      const { parameters, masked } = storedParameters(input.parameters, type.parameterSchema, at(index))
      return { index, at: at(index), id: uuidv7(), input, type, parameters, masked, parents: parents[index]! }
    })
    const completed = await checkParents(tx, organizationId, drafts)
    const known = await resolveIdempotency(tx, organizationId, drafts)
    const fresh = drafts.filter((draft) => !known.has(draft.index))
    const again = await checkKnownParents(tx, organizationId, fresh, known)
    const hashes = await claimHashes(tx, organizationId, fresh)
    await admitAtRate(tx, organizationId, rateWishes(fresh))
    const scope: Scope = { organizationIds: [organizationId] }
    const views = new Map<string, JobView>()
    if (fresh.length > 0) {
      const idOf = (parent: Parent) => ('jobId' in parent ? parent.jobId : (known.get(parent.index) ?? drafts[parent.index]!.id))
      const parentsOf = new Map(fresh.map((draft) => [draft.id, [...new Set(draft.parents.map(idOf))].sort()]))
      const done = new Set([...completed, ...again])
      const rows = await createJobs(tx, organizationId, fresh.map((draft) => toRow(draft, hashes.get(draft.id), parentsOf.get(draft.id)!, done)), actor)
      // The statement that created them does not see the dependencies that it wrote.
      for (const row of rows) views.set(row.id, toJobView({ ...row, depends_on: parentsOf.get(row.id)! }, scope))
      // A run time close to now counts as now: the dispatcher looks again on its own only each second.
      await announce(tx, fresh.some(({ input }) => !input.runAt || input.runAt.getTime() <= Date.now() + 1000))
    }
    if (fresh.length > 0) await hold(tx, organizationId)
    if (known.size > 0) for (const view of await readJobs(tx, [...new Set(known.values())], scope, scope)) views.set(view.id, view)
    return drafts.flatMap((draft) => views.get(known.get(draft.index) ?? draft.id) ?? [])
  })
}

/** The organization and the job types, in one statement: most of a submission's time is the way to the database and back. */
async function readSettings(
  tx: Tx,
  organizationId: string,
  jobs: readonly SubmitInput[],
  lockTimeout: string | undefined,
): Promise<{ status: OrganizationStatus | null; types: Map<string, JobTypeRow> }> {
  const names = [...new Set(jobs.map((job) => job.jobType))]
  const [row] = await tx.$queryRaw<{ status: OrganizationStatus | null; types: JobTypeRow[] }[]>(Prisma.sql`${statementName('settings')}
    SELECT (SELECT o.status FROM organizations o WHERE o.id = ${organizationId}::uuid) AS status,
      (SELECT COALESCE(jsonb_agg(jsonb_build_object('name', t.name, 'version', t.version, 'queue', t.queue, 'enabled', t.enabled, 'requiredRole', t.required_role,
        'parameterSchema', t.parameter_schema, 'priority', t.priority, 'maxRetries', t.max_retries, 'timeoutSeconds', t.timeout_seconds,
        'rateLimitCount', t.rate_limit_count, 'rateLimitWindowSeconds', t.rate_limit_window_seconds) ORDER BY t.name), '[]')
       FROM job_types t WHERE t.name = ANY(${names}::text[])) AS types,
      set_config('lock_timeout', COALESCE(${lockTimeout ?? null}::text, current_setting('lock_timeout')), true)`)
  return { status: row!.status, types: new Map(row!.types.map((type) => [type.name, type])) }
}

function requireReach(types: ReadonlyMap<string, JobTypeRow>, submitter: Submitter | undefined): void {
  if (!submitter) return
  for (const { name, requiredRole } of types.values()) {
    if (submitter.reaches.includes(requiredRole)) continue
    throw new EngineError('NOT_PERMITTED', `Job type ${name} needs role ${requiredRole}; yours is ${submitter.role}.`)
  }
}

function requireActive(organizationId: string, status: OrganizationStatus | null): void {
  if (status === null || status === 'DELETED') {
    throw new EngineError('NOT_FOUND', `There is no organization ${organizationId} that you may see.`)
  }
  if (status === 'SUSPENDED') {
    throw new EngineError('ORGANIZATION_SUSPENDED', 'This organization is suspended: nothing can be submitted until it is resumed.')
  }
}

function requireTypes(types: ReadonlyMap<string, JobTypeRow>, jobs: readonly SubmitInput[], at: (index: number) => string): void {
  for (const [index, { jobType }] of jobs.entries()) {
    const path = `${at(index)}jobType`
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

/** Parents that exist already. Returns those that are COMPLETED. */
async function checkParents(tx: Tx, organizationId: string, drafts: readonly Draft[]): Promise<string[]> {
  const named = drafts.flatMap(({ parents }) => parents.flatMap((parent) => ('jobId' in parent ? [parent] : [])))
  return refuseDead(named, await holdParents(tx, organizationId, named.map(({ jobId }) => jobId)))
}

/** Parents of the batch that turned out to be jobs of an earlier submission with the same key. */
async function checkKnownParents(tx: Tx, organizationId: string, fresh: readonly Draft[], known: ReadonlyMap<number, string>): Promise<string[]> {
  if (known.size === 0) return []
  const named = fresh.flatMap(({ parents }) =>
    parents.flatMap((parent) => {
      const jobId = 'index' in parent ? known.get(parent.index) : undefined
      return jobId ? [{ jobId, path: parent.path }] : []
    }),
  )
  // A key that two jobs of this batch share stands for the first of them, which is still to be created.
  const created = new Set(fresh.map(({ id }) => id))
  const earlier = named.filter(({ jobId }) => !created.has(jobId))
  return refuseDead(earlier, await holdParents(tx, organizationId, earlier.map(({ jobId }) => jobId)))
}

function refuseDead(named: readonly { jobId: string; path: string }[], statuses: ReadonlyMap<string, string>): string[] {
  for (const { jobId, path } of named) {
    const status = statuses.get(jobId)
    if (!status) throw invalidDependency({ path, message: `there is no job ${jobId} in this organization.` })
    if (status === 'DEAD_LETTER' || status === 'CANCELED') {
      throw invalidDependency({ path, message: `job ${jobId} is ${status} and would be waited for in vain. Retry it first.` })
    }
  }
  return named.flatMap(({ jobId }) => (statuses.get(jobId) === 'COMPLETED' ? [jobId] : []))
}

/** What is new, by job type, of those that have a rate limit. A count of 0 is a limit. */
function rateWishes(fresh: readonly Draft[]): RateWish[] {
  const wishes = new Map<string, RateWish>()
  for (const { type } of fresh) {
    if (type.rateLimitCount === null || type.rateLimitWindowSeconds === null) continue
    const wish = wishes.get(type.name) ?? { jobType: type.name, jobs: 0, count: type.rateLimitCount, windowSeconds: type.rateLimitWindowSeconds }
    wish.jobs++
    wishes.set(type.name, wish)
  }
  return [...wishes.values()]
}

/**
 * Registers the keys. Returns, by index, the jobs that exist already; a key that stands for other
 * input is refused. Within a batch the first job with a key stands for the others.
 */
async function resolveIdempotency(tx: Tx, organizationId: string, drafts: readonly Draft[]): Promise<Map<number, string>> {
  const known = new Map<number, string>()
  const firsts = new Map<string, { draft: Draft; hash: Buffer }>()
  for (const draft of drafts) {
    const { idempotencyKey: key, jobType } = draft.input
    if (key === undefined) continue
    const hash = inputHash({ ...draft.input, parameters: draft.parameters })
    const name = JSON.stringify([jobType, key])
    const first = firsts.get(name)
    if (!first) firsts.set(name, { draft, hash })
    else if (first.hash.equals(hash)) known.set(draft.index, first.draft.id)
    else throw mismatch(draft, undefined)
  }
  const claims = [...firsts.values()].map(({ draft, hash }) => ({
    jobId: draft.id,
    jobType: draft.input.jobType,
    key: draft.input.idempotencyKey!,
    inputHash: hash,
  }))
  for (const { jobType, key, existingJobId, existingInputHash } of await takeIdempotencyKeys(tx, organizationId, claims)) {
    const first = firsts.get(JSON.stringify([jobType, key]))!
    if (!existingInputHash.equals(first.hash)) throw mismatch(first.draft, existingJobId)
    for (const draft of drafts) {
      if (draft === first.draft || known.get(draft.index) === first.draft.id) known.set(draft.index, existingJobId)
    }
  }
  return known
}

function mismatch(draft: Draft, existingJobId: string | undefined): EngineError {
  const { idempotencyKey, jobType } = draft.input
  const message = existingJobId
    ? `The idempotency key "${idempotencyKey}" stands for job ${existingJobId} of "${jobType}", submitted with other input. Use a new key.`
    : `The idempotency key "${idempotencyKey}" is in this batch twice, with different input. Use a new key.`
  return new EngineError('IDEMPOTENCY_MISMATCH', message, { existingJobId, fields: [{ path: `${draft.at}idempotencyKey`, message }] })
}

/** Takes the dedupe hash of each job that wants one; returns them by job id. */
async function claimHashes(tx: Tx, organizationId: string, drafts: readonly Draft[]): Promise<Map<string, Buffer>> {
  const hashes = new Map<string, Buffer>()
  const firsts = new Map<string, Draft>()
  for (const draft of drafts) {
    if (draft.input.dedupe === false) continue
    const hash = dedupeHash({ organizationId, jobType: draft.input.jobType, parameters: draft.parameters })
    const name = `${draft.input.jobType} ${hash.toString('hex')}`
    const first = firsts.get(name)
    if (first) {
      throw duplicate(draft, 'is in this batch twice (see ' + (first.at ? first.at.slice(0, -1) : 'the first') + ')', {})
    }
    firsts.set(name, draft)
    hashes.set(draft.id, hash)
  }
  const claims = drafts.flatMap(({ id, input }) => {
    const hash = hashes.get(id)
    return hash ? [{ jobId: id, jobType: input.jobType, hash }] : []
  })
  const [holder] = await takeHashes(tx, organizationId, claims)
  if (holder) {
    const draft = drafts.find(({ id }) => id === holder.jobId)!
    throw duplicate(draft, `exists already: job ${holder.existingJobId}, ${holder.existingStatus}`, {
      existingJobId: holder.existingJobId,
      existingStatus: holder.existingStatus,
    })
  }
  return hashes
}

function duplicate(draft: Draft, what: string, data: { existingJobId?: string; existingStatus?: string }): EngineError {
  const message = `The same "${draft.input.jobType}" with the same parameters ${what}. Pass dedupe: false to run it again.`
  return new EngineError('DUPLICATE_JOB', message, data)
}

function toRow(
  { id, input, type, parameters, masked }: Draft,
  hash: Buffer | undefined,
  parents: readonly string[],
  completed: ReadonlySet<string>,
): NewJob {
  return {
    id,
    job_type: type.name,
    job_type_version: type.version,
    queue: type.queue,
    priority: input.priority ?? type.priority,
    // ?? and not ||: 0 is a value that somebody chose.
    max_retries: input.maxRetries ?? type.maxRetries,
    timeout_seconds: input.timeoutSeconds ?? type.timeoutSeconds,
    run_at: input.runAt?.toISOString() ?? null,
    dedupe_hash: hash?.toString('hex') ?? null,
    parents,
    pending_parents: parents.filter((parent) => !completed.has(parent)).length,
    parameters: masked,
    unmasked: masked === parameters ? null : parameters,
  }
}

/** In-process callers do not pass through the API's schema; the same bounds hold for them. */
function checkInput(input: SubmitInput, at: string): void {
  const { idempotencyKey, ref, dependsOn } = input
  checkJobOptions(input, at)
  checkText(idempotencyKey, `${at}idempotencyKey`)
  checkText(ref, `${at}ref`)
  dependsOn?.forEach((name, n) => checkText(name, `${at}dependsOn[${n}]`))
}

function checkText(value: string | undefined, path: string): void {
  if (value === undefined) return
  if (value === '' || value.length > 255) throw invalid(path, 'Give 1 to 255 characters.')
  if (value.includes('\0') || !value.isWellFormed()) throw invalid(path, 'Leave out NUL characters and halves of surrogate pairs.')
}
