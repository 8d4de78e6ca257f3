import { v7 as uuidv7 } from 'uuid'
import type { Db, DbOrTx, Tx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import { indexRefs, resolveParents, type DependencyCondition, type Parent } from '../../domain/dependencies'
import { jobLabel } from '../../domain/job-label'
import { invalid } from '../../domain/job-options'
import { MAX_BATCH } from '../../domain/limits'
import { hideAt, type Place } from '../../domain/rerun'
import { withParameterChecks, type ParameterChecks } from '../../checking/parameter-checks'
import type { Actor, JobOrigin, JobStatus, JobView, Scope, SubmitInput } from '../../domain/types'
import { readJobs, toJobView } from '../../store/reads/job-view'
import { admitAtRate } from '../../store/admission/rate'
import { indexedWords } from '../../store/reads/search'
import { announce } from '../../store/signals'
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
import { claimHashes, rateWishes, resolveIdempotency } from './claims'

// Accepts jobs: checks each submission against its job type, its limits and what was submitted before, and writes the
// jobs.

export interface Submission {
  organizationId: string
  jobs: readonly SubmitInput[]
  actor: Actor
  /** Without it, anything may be submitted. Callers of the engine itself leave it out. */
  submitter?: Submitter
  /** Said of the only job of a submission: which one it repeats, and what stays masked whatever its job type says. */
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
 * @throws EngineError INVALID_INPUT, NOT_PERMITTED, ORGANIZATION_SUSPENDED, UNKNOWN_JOB_TYPE, JOB_TYPE_DISABLED,
 * TOO_LARGE, INVALID_PARAMETERS, INVALID_DEPENDENCY, IDEMPOTENCY_MISMATCH, DUPLICATE_JOB, RATE_LIMITED or QUEUE_FULL,
 * decided in this order; its `fields` name the place as `jobs[i].…`
 */
export function submitJobs(db: DbOrTx, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, (index) => `jobs[${index}].`)
}

/** How long `submitTogether` waits for locks of others. */
const IMPATIENT = '100ms'

/**
 * `submitJobs` for jobs that have nothing to do with each other, in a transaction of their own. A refusal does not say
 * which of several jobs is at fault. When one job needs a lock of somebody else, it fails with SQLSTATE 55P03, so that
 * the others need not wait.
 */
export function submitTogether(db: Db, submission: Submission): Promise<JobView[]> {
  return submit(db, submission, () => '', IMPATIENT)
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

async function submitChecked(
  db: DbOrTx,
  submission: Submission,
  at: (index: number) => string,
  checks: ParameterChecks,
  lockTimeout?: string,
): Promise<JobView[]> {
  const { jobs } = submission
  // The quota is counted exactly, unless few jobs are added. A caller's transaction may submit any number of times, so
  // only transactions of our own are known to add few.
  if (isClient(db) && jobs.length <= FEW_JOBS) {
    try {
      return await submitHeld(db, submission, at, checks, keepFarFromQuota, lockTimeout)
    } catch (error) {
      if (!(error instanceof QuotaIsNear)) throw error
    }
  }
  return submitHeld(db, submission, at, checks, holdToQuota, lockTimeout)
}

function submitHeld(
  db: DbOrTx,
  { organizationId, jobs, actor, submitter, rerun, scheduleId, originOf }: Submission,
  at: (index: number) => string,
  checks: ParameterChecks,
  hold: (tx: Tx, organizationId: string) => Promise<void>,
  lockTimeout?: string,
): Promise<JobView[]> {
  const refs = indexRefs(jobs, at)
  return inTransaction(db, async (tx) => {
    const { status, types } = await readSettings(tx, organizationId, jobs, lockTimeout)
    requireReach(types, submitter)
    requireActive(organizationId, status)
    requireTypes(types, jobs, at)
    jobs.forEach(({ jobType, timeoutSeconds }, index) =>
      requireTimeout(
        timeoutSeconds,
        jobType,
        types.get(jobType)!.timeoutSeconds,
        submitter,
        `${at(index)}timeoutSeconds`,
      ),
    )
    const stored = await checks.accept(
      jobs.map(({ jobType, parameters }, index) => {
        const { version, parameterSchema } = types.get(jobType)!
        return {
          key: `${index} ${jobType} ${version}`,
          organizationId,
          given: parameters,
          schema: parameterSchema,
          at: at(index),
        }
      }),
    )
    const checked: Omit<Draft, 'parents'>[] = []
    const breath = createBreath()
    for (const [index, input] of jobs.entries()) {
      const type = types.get(input.jobType)!
      const id = uuidv7()
      const { parameters, masked: byType } = stored[index]!
      const masked = rerun ? hideAt(byType, rerun.hidden) : byType
      checked.push({ index, at: at(index), id, input, type, parameters, masked, label: jobLabel(type, id, masked) })
      await breath()
    }
    const parents = resolveParents(jobs, refs, at)
    const drafts = checked.map((job): Draft => ({ ...job, parents: parents[job.index]! }))
    const endedBefore = await checkParents(tx, organizationId, drafts)
    const known = await resolveIdempotency(tx, organizationId, drafts)
    const fresh = drafts.filter((draft) => !known.has(draft.index))
    const again = await checkKnownParents(tx, organizationId, fresh, known)
    const hashes = await claimHashes(tx, organizationId, fresh)
    await admitAtRate(tx, organizationId, rateWishes(fresh))
    const scope: Scope = { organizationIds: [organizationId] }
    const views = new Map<string, JobView>()
    if (fresh.length > 0) {
      const idOf = (parent: Parent) =>
        'jobId' in parent ? parent.jobId : (known.get(parent.index) ?? drafts[parent.index]!.id)
      const ended = new Map([...endedBefore, ...again])
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
      // A run time that is close to now counts as now, because the dispatcher looks by itself only once a second.
      const dispatch = fresh.some(({ input }) => !input.runAt || input.runAt.getTime() <= Date.now() + 1000)
      await announce(tx, { dispatch, organizationId })
    }
    if (fresh.length > 0) await hold(tx, organizationId)
    if (known.size > 0)
      for (const view of await readJobs(tx, [...new Set(known.values())], scope, scope)) views.set(view.id, view)
    return drafts.flatMap((draft) => views.get(known.get(draft.index) ?? draft.id) ?? [])
  })
}

/** A parent of a job that is created. */
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
