import { v7 as uuidv7 } from 'uuid'
import type { Db, DbOrTx, Tx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import type { EngineError } from '../../domain/errors'
import { indexRefs, resolveParents, type DependencyCondition, type Parent } from '../../domain/dependencies'
import { jobLabel } from '../../domain/job-label'
import { invalid } from '../../domain/job-options'
import { MAX_BATCH } from '../../domain/limits'
import { hideAt, type Place } from '../../domain/rerun'
import { withParameterChecks, type ParameterChecks } from '../../checking/parameter-checks'
import type { Actor, JobOrigin, JobStatus, JobView, Json, Scope, SubmitInput } from '../../domain/types'
import { readJobs, toJobView } from '../../store/reads/job-view'
import { admitAtRate } from '../../store/admission/rate'
import { indexedWords } from '../../store/reads/search'
import { announce, WAKE_AHEAD_MS } from '../../store/signals'
import { inTransaction, isClient } from '../../store/transaction'
import { createJobs, type NewJob } from '../../store/transition'
import { FEW_JOBS, holdToQuota, keepFarFromQuota, QuotaIsNear } from '../../store/admission/usage'
import {
  checkInput,
  checkKnownParents,
  checkParents,
  readSettings,
  requireActive,
  requireReach,
  requireTimeout,
  requireTypes,
  type Draft,
  type Submitter,
} from './checks'
import { claimHashes, rateWishes, resolveIdempotency, type Claimant } from './claims'
import { findRepeated, mayRefuseRepetition } from './repeated'

// Accepts jobs: checks each submission against its job type, its limits and what was submitted before, and writes the
// jobs.

export interface Submission {
  organizationId: string
  jobs: readonly SubmitInput[]
  actor: Actor
  /** Without it, anything may be submitted. Callers of the engine itself leave it out. */
  submitter?: Submitter
  /**
   * Set when a job repeats another one. The submission then has one job. `of` is the job that is repeated. `hidden`
   * lists the places that stay masked, even if the job type no longer marks them as sensitive.
   */
  rerun?: { of: string; hidden: readonly Place[] }
  /** The schedule that submits. */
  scheduleId?: string
  /** Where each of the jobs came from, by its place in `jobs`. */
  originOf?: (index: number) => JobOrigin | undefined
}

/**
 * Submits jobs, all or none, in the caller's transaction or in one of its own, and returns them in order. No worker
 * gets a job before that transaction commits. A rollback takes everything back.
 *
 * @throws EngineError INVALID_INPUT, NOT_PERMITTED, NOT_FOUND or ORGANIZATION_SUSPENDED, UNKNOWN_JOB_TYPE,
 * JOB_TYPE_DISABLED, INVALID_INPUT for a timeout that is too long, TOO_LARGE or INVALID_PARAMETERS, INVALID_DEPENDENCY,
 * IDEMPOTENCY_MISMATCH, DUPLICATE_JOB, RATE_LIMITED or QUEUE_FULL, decided in this order; its `fields` name the place as
 * `jobs[i].…`. A job that was made before under the same idempotency key is refused only by those before
 * UNKNOWN_JOB_TYPE.
 */
export function submitJobs(db: DbOrTx, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, (index) => `jobs[${index}].`)
}

/** How long `submitTogether` waits for locks of others, as PostgreSQL writes it. */
const TOGETHER_LOCK_TIMEOUT = '100ms'

/**
 * `submitJobs` for jobs that have nothing to do with each other, in a transaction of their own. A refusal does not say
 * which of several jobs is at fault. If one of the jobs has to wait longer than 100 ms for a lock, the whole call fails
 * with SQLSTATE 55P03. The caller then submits each job alone (gate.ts).
 */
export function submitTogether(db: Db, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, () => '', TOGETHER_LOCK_TIMEOUT)
}

/** Submits one job. It is `submitJobs` with field paths that have no index. */
export async function submitJob(
  db: DbOrTx,
  { job, origin, ...rest }: Omit<Submission, 'jobs' | 'originOf'> & { job: SubmitInput; origin?: JobOrigin },
): Promise<JobView> {
  const [view] = await submit(db, { ...rest, jobs: [job], originOf: () => origin }, () => '')
  if (!view) throw new Error('a submission answered without its job')
  return view
}

/** @param at the prefix of the fields of job `index` in a refusal: `jobs[3].`, or nothing */
async function submit(
  db: DbOrTx,
  submission: Submission,
  at: (index: number) => string,
  lockTimeout?: string,
): Promise<JobView[]> {
  const { jobs } = submission
  if (jobs.length === 0 || jobs.length > MAX_BATCH) {
    throw invalid('jobs', `Give 1 to ${MAX_BATCH} jobs; there are ${jobs.length}.`)
  }
  jobs.forEach((job, index) => checkInput(job, at(index)))
  return withParameterChecks(db, (checks) => submitChecked(db, submission, at, checks, lockTimeout))
}

/** Jobs of a submission that are made already, by their index. */
interface Repeated {
  parameters: ReadonlyMap<number, Json>
  /** What the submission was refused with while they were taken for new ones. */
  refusal: EngineError
}

/**
 * A repetition under the same idempotency key is no new job, so what only new jobs are asked must not refuse it: its
 * parent may have died since, or its job type may have been disabled. Keys are looked for only after such a refusal, so
 * that other submissions have no statement more.
 */
async function submitChecked(
  db: DbOrTx,
  submission: Submission,
  at: (index: number) => string,
  checks: ParameterChecks,
  lockTimeout?: string,
): Promise<JobView[]> {
  try {
    return await submitCounted(db, submission, at, checks, undefined, lockTimeout)
  } catch (error) {
    if (!mayRefuseRepetition(error)) throw error
    const parameters = await findRepeated(db, submission.organizationId, submission.jobs, lockTimeout)
    if (parameters.size === 0) throw error
    return submitCounted(db, submission, at, checks, { parameters, refusal: error }, lockTimeout)
  }
}

/**
 * The quota is checked last in the transaction, in one of two ways. `keepFarFromQuota` is quick, and submissions do not
 * wait for each other. Where the limit is near it gives up with `QuotaIsNear`, and everything is done again with
 * `holdToQuota`, which counts exactly. The quick check allows for at most FEW_JOBS of one transaction. A caller's
 * transaction may submit any number of times, so it always takes the exact one.
 */
async function submitCounted(
  db: DbOrTx,
  submission: Submission,
  at: (index: number) => string,
  checks: ParameterChecks,
  repeated: Repeated | undefined,
  lockTimeout?: string,
): Promise<JobView[]> {
  if (isClient(db) && submission.jobs.length <= FEW_JOBS) {
    try {
      return await submitInTransaction(db, submission, at, checks, keepFarFromQuota, repeated, lockTimeout)
    } catch (error) {
      if (!(error instanceof QuotaIsNear)) throw error
    }
  }
  return submitInTransaction(db, submission, at, checks, holdToQuota, repeated, lockTimeout)
}

function submitInTransaction(
  db: DbOrTx,
  { organizationId, jobs, actor, submitter, rerun, scheduleId, originOf }: Submission,
  at: (index: number) => string,
  checks: ParameterChecks,
  checkQuota: (tx: Tx, organizationId: string) => Promise<void>,
  repeated: Repeated | undefined,
  lockTimeout?: string,
): Promise<JobView[]> {
  const refs = indexRefs(jobs, at)
  const all = jobs.map((input, index) => ({ index, at: at(index), id: uuidv7(), input }))
  const unmade = all.filter(({ index }) => !repeated?.parameters.has(index))
  return inTransaction(db, async (tx) => {
    const { status, types } = await readSettings(tx, organizationId, jobs, lockTimeout)
    requireReach(types, submitter)
    requireActive(organizationId, status)
    requireTypes(
      types,
      unmade.map((job) => ({ jobType: job.input.jobType, at: job.at })),
    )
    for (const { input, at: place } of unmade) {
      const { jobType, timeoutSeconds } = input
      requireTimeout(timeoutSeconds, jobType, types.get(jobType)!.timeoutSeconds, submitter, `${place}timeoutSeconds`)
    }
    const stored = await checks.accept(
      unmade.map(({ index, at: place, input: { jobType, parameters } }) => {
        const { version, parameterSchema } = types.get(jobType)!
        return {
          key: `${index} ${jobType} ${version}`,
          organizationId,
          given: parameters,
          schema: parameterSchema,
          at: place,
        }
      }),
    )
    const parents = resolveParents(jobs, refs, at)
    const drafts: Draft[] = []
    // Between two jobs, `breath` lets other work of this process run now and then.
    const breath = createBreath()
    for (const [n, job] of unmade.entries()) {
      const type = types.get(job.input.jobType)!
      const { parameters, masked: byType } = stored[n]!
      const masked = rerun ? hideAt(byType, rerun.hidden) : byType
      const label = jobLabel(type, job.id, masked)
      drafts.push({ ...job, type, parameters, masked, label, parents: parents[job.index]! })
      await breath()
    }
    const endedParents = await checkParents(tx, organizationId, drafts)
    const existingIdOf = await resolveIdempotency(tx, organizationId, withRepeated(drafts, all, repeated))
    // Its key may have run out meanwhile. Then it would be a new job, and was refused as one.
    if (repeated && [...repeated.parameters.keys()].some((index) => !existingIdOf.has(index))) throw repeated.refusal
    const fresh = drafts.filter((draft) => !existingIdOf.has(draft.index))
    // A ref may turn out to name a job of an earlier call. Such a parent is checked like those that are named by id.
    const endedKnownParents = await checkKnownParents(tx, organizationId, fresh, existingIdOf)
    const hashes = await claimHashes(tx, organizationId, fresh)
    await admitAtRate(tx, organizationId, rateWishes(fresh))
    const scope: Scope = { organizationIds: [organizationId] }
    const views = new Map<string, JobView>()
    if (fresh.length > 0) {
      const idOf = (parent: Parent) =>
        'jobId' in parent ? parent.jobId : (existingIdOf.get(parent.index) ?? all[parent.index]!.id)
      const ended = new Map([...endedParents, ...endedKnownParents])
      const parentsOf = new Map(fresh.map((draft) => [draft.id, parentRows(draft.parents, idOf, ended)]))
      const rows = await createJobs(
        tx,
        organizationId,
        fresh.map((draft) => ({
          ...toRow(organizationId, draft, hashes.get(draft.id), parentsOf.get(draft.id)!),
          rerun_of: rerun?.of,
          schedule_id: scheduleId,
          request_id: originOf?.(draft.index)?.requestId,
          trace_parent: originOf?.(draft.index)?.traceParent,
        })),
        actor,
      )
      // The statement that creates jobs does not see the dependencies that it writes, so they are filled in here.
      for (const row of rows)
        views.set(row.id, toJobView({ ...row, depends_on: dependenciesOf(parentsOf.get(row.id)!) }, scope))
      const dispatch = fresh.some(({ input }) => !input.runAt || input.runAt.getTime() <= Date.now() + WAKE_AHEAD_MS)
      await announce(tx, { dispatch, organizationId })
    }
    if (fresh.length > 0) await checkQuota(tx, organizationId)
    if (existingIdOf.size > 0)
      for (const view of await readJobs(tx, [...new Set(existingIdOf.values())], scope, scope)) views.set(view.id, view)
    return all.flatMap(({ index, id }) => views.get(existingIdOf.get(index) ?? id) ?? [])
  })
}

/** All jobs of a submission, in order: those that may be new, and those that are made already. */
function withRepeated(
  drafts: readonly Draft[],
  all: readonly Omit<Claimant, 'parameters'>[],
  repeated: Repeated | undefined,
): readonly Claimant[] {
  if (!repeated) return drafts
  const draftAt = new Map(drafts.map((draft) => [draft.index, draft]))
  return all.map((job) => draftAt.get(job.index) ?? { ...job, parameters: repeated.parameters.get(job.index)! })
}

/** One parent of a new job. */
interface ParentRow {
  id: string
  on: DependencyCondition
  ref: string | null
  /** The job has to wait for it. */
  open: boolean
}

/**
 * The parents of one job, each once, in the order of their ids. Two refs may turn out to be one job of an earlier
 * submission: then the narrower condition counts.
 */
function parentRows(
  parents: readonly Parent[],
  idOf: (parent: Parent) => string,
  ended: ReadonlyMap<string, JobStatus>,
): ParentRow[] {
  const rows = new Map<string, ParentRow>()
  for (const parent of parents) {
    const id = idOf(parent)
    if (rows.get(id)?.on === 'completed') continue
    const { on } = parent
    const status = ended.get(id)
    const open = on === 'ended' ? status === undefined : status !== 'COMPLETED'
    rows.set(id, { id, on, ref: 'ref' in parent ? parent.ref : null, open })
  }
  return [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

const dependenciesOf = (parents: readonly ParentRow[]) => parents.map(({ id, on, ref }) => ({ job: id, on, ref }))

function toRow(
  organizationId: string,
  { id, input, type, parameters, masked, label }: Draft,
  hash: Buffer | undefined,
  parents: readonly ParentRow[],
): NewJob {
  return {
    id,
    job_type: type.name,
    job_type_version: type.version,
    queue: type.queue,
    priority: input.priority ?? type.priority,
    // ?? and not ||, because a caller may choose 0.
    max_retries: input.maxRetries ?? type.maxRetries,
    timeout_seconds: input.timeoutSeconds ?? type.timeoutSeconds,
    // PostgreSQL cannot read years before the first in the form that JavaScript writes.
    run_at: input.runAt ? new Date(Math.max(0, input.runAt.getTime())).toISOString() : null,
    dedupe_hash: hash?.toString('hex') ?? null,
    parents: parents.map(({ id: parentId, on, ref }) => ({ id: parentId, on_ended: on === 'ended', ref })),
    pending_parents: parents.filter(({ open }) => open).length,
    parameters: masked,
    unmasked: masked === parameters ? null : parameters,
    title: label.title,
    words: indexedWords(organizationId, label.words, label.titleWords),
  }
}
