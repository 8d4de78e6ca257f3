import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { Selection } from '../../domain/bulk'
import { EngineError, notVisible } from '../../domain/errors'
import { checkJobOptions, invalid } from '../../domain/job-options'
import { MAX_BULK_AT_ONCE, MAX_OPEN_REQUESTS, MAX_REQUESTED, REQUEST_DAYS } from '../../domain/limits'
import { isAboutJobs, type JobWish, type LimitWish, type RequestKind, type RequestView } from '../../domain/request'
import { isAmendable } from '../../domain/state'
import type { Actor, Json, Scope } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { getCircuit } from '../../store/administration/circuits'
import {
  countOpenRequests,
  endRequest,
  getRequest,
  insertRequest,
  jobOfRequest,
  linkBulk,
  lockRequest,
} from '../../store/requests'
import { inTransaction } from '../../store/transaction'
import { announceBulk, beginBulk, finishAtOnce } from '../jobs/bulk'
import { filterOf, idsOf, refuseTooMany } from '../jobs/bulk-selection'
import { updateJob } from '../jobs/update'
import type { Submitter } from '../submission/checks'
import { closeCircuit } from './close-circuit'
import { changeJobType } from './job-types'
import { changeOrganization } from './organization-settings'
import { pause, resume } from './pause'

// Requests to admins: a member asks for something that their role does not allow, and an admin grants or declines it.

/** For reading back a request that this call itself has just written. */
const EVERYWHERE: Scope = { all: true }

export interface AskedFor {
  organizationId: string
  kind: RequestKind
  /** For acts on jobs. Which jobs these are is decided now, and stays so. */
  selection?: Selection
  /** For a circuit, or the limit of a job type. */
  jobType?: string
  /** What is to be changed of one job, or of a limit. */
  change?: JobWish | LimitWish
  reason: string
  actor: Actor
  address: string | null
}

/**
 * Asks the admins of an organization to do something. It is open for seven days. A person may have 20 open ones there.
 *
 * @throws EngineError NOT_FOUND, or INVALID_INPUT where there is nothing to be done, too much, or one request too many
 */
export async function createRequest(db: DbOrTx, asked: AskedFor): Promise<RequestView> {
  const { organizationId, kind, selection, jobType = null, change, reason, actor, address } = asked
  return inTransaction(db, async (tx) => {
    const organization = await tx.organization.findUnique({ where: { id: organizationId }, select: { status: true } })
    if (!organization || organization.status === 'DELETED') throw notVisible('organization', organizationId)
    await requireFewOpen(tx, organizationId, actor)
    await requireSense(tx, asked)
    const id = uuidv7()
    const filter = selection ? filterOf(selection) : null
    const matched = await insertRequest(
      tx,
      {
        id,
        organizationId,
        kind,
        filter,
        jobType,
        change: (change ?? null) as Json,
        reason,
        askedBy: actor,
        days: REQUEST_DAYS,
      },
      // One more than is allowed, so that too many are noticed.
      selection ? (await idsOf(tx, { organizationId, selection }))(MAX_REQUESTED + 1) : null,
    )
    if (matched !== null) refuseTooMany(matched, MAX_REQUESTED)
    if (matched === 0)
      throw invalid(filter === null ? 'jobIds' : 'filter', 'No job matches, so there is nothing to ask for.')
    const request = await getRequest(tx, id, EVERYWHERE)
    await writeAudit(tx, { ...audited(request), action: 'request.create', actor, address, reason })
    return request
  })
}

interface Decision {
  requestId: string
  actor: Actor
  address: string | null
  reason?: string
}

/**
 * Does what was asked, with the right of the one who decides. Jobs are those of the time when it was asked for. Up to
 * 500 are done when this returns, more in the background. `closedCircuit` says whether a circuit was closed by it.
 *
 * @throws EngineError NOT_FOUND; ILLEGAL_TRANSITION when the request is over or none of its jobs is there any more; and
 * whatever the act that was asked for refuses by itself
 */
export async function fulfilRequest(
  db: DbOrTx,
  decision: Decision & { role: OrgRole; submitter: Submitter },
  scope: Scope,
): Promise<{ request: RequestView; closedCircuit: boolean }> {
  const { requestId, actor, address, reason } = decision
  const { smallBulk, closedCircuit } = await inTransaction(db, async (tx) => {
    const request = await takeOpen(tx, requestId, scope, 'DONE')
    await writeAudit(tx, { ...audited(request), action: 'request.fulfil', actor, address, reason })
    const closed = request.kind === 'CLOSE_CIRCUIT' && (await closeCircuitOf(tx, request, decision))
    const bulk = await carryOut(tx, request, decision)
    await endRequest(tx, requestId, { status: 'DONE', by: actor, reason: reason ?? null })
    return { smallBulk: bulk && bulk.matched <= MAX_BULK_AT_ONCE ? bulk.id : null, closedCircuit: closed }
  })
  if (smallBulk) await finishAtOnce(db, smallBulk)
  return { request: await getRequest(db, requestId, scope), closedCircuit }
}

async function closeCircuitOf(
  tx: Tx,
  { jobType, organizationId, reason }: RequestView,
  { actor, address }: Decision,
): Promise<boolean> {
  return (await closeCircuit(tx, { jobType: jobType!, organizationId, actor, address, reason })).changed
}

/**
 * Does what a request asks for, except the closing of a circuit, for which it does nothing. Returns the bulk action
 * where the request is about jobs.
 */
async function carryOut(
  tx: Tx,
  { id, organizationId, kind, filter, jobType, change, reason }: RequestView,
  { actor, address, role, submitter }: Decision & { role: OrgRole; submitter: Submitter },
): Promise<{ id: string; matched: number } | null> {
  const who = { reason, actor, address }
  if (isAboutJobs(kind)) {
    const selection = { requestId: id }
    const bulk = await beginBulk(tx, { kind, organizationId, selection, chosenBy: filter, role, ...who })
    if (!bulk) throw allJobsGone()
    await linkBulk(tx, id, bulk.id)
    await announceBulk(tx, bulk)
    return bulk
  }
  const scope = { kind: 'organization', organizationId } as const
  if (kind === 'PAUSE') await pause(tx, { scope, ...who })
  if (kind === 'RESUME') await resume(tx, { scope, ...who })
  if (kind === 'CHANGE_JOB') {
    const jobId = await jobOfRequest(tx, id)
    if (!jobId) throw allJobsGone()
    const { runAt, ...wish } = change as JobWish
    await updateJob(tx, {
      jobId,
      changes: { ...wish, ...(runAt && { runAt: new Date(runAt) }) },
      actor,
      submitter,
      reason,
    })
  }
  if (kind === 'CHANGE_LIMIT') {
    const wish = change as LimitWish
    if (jobType === null) await changeOrganization(tx, { organizationId, changes: wish, ...who })
    else await changeJobType(tx, { name: jobType, changes: { concurrency: wish }, ...who })
  }
  return null
}

const allJobsGone = () =>
  new EngineError('ILLEGAL_TRANSITION', 'None of its jobs is there any more. Decline the request, or leave it.', {
    from: 'OPEN',
    to: 'DONE',
  })

/**
 * Ends a request without doing anything: an admin declines it, or whoever asked withdraws it.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when it is over
 */
export async function closeRequest(
  db: DbOrTx,
  { requestId, as, actor, address, reason }: Decision & { as: 'DECLINED' | 'WITHDRAWN' },
  scope: Scope,
): Promise<RequestView> {
  return inTransaction(db, async (tx) => {
    const request = await takeOpen(tx, requestId, scope, as)
    await endRequest(tx, requestId, { status: as, by: actor, reason: reason ?? null })
    const action = as === 'DECLINED' ? 'request.decline' : 'request.withdraw'
    await writeAudit(tx, { ...audited(request), action, actor, address, reason })
    return getRequest(tx, requestId, scope)
  })
}

async function takeOpen(tx: Tx, requestId: string, scope: Scope, to: string): Promise<RequestView> {
  const request = await lockRequest(tx, requestId, scope)
  if (request.status === 'OPEN') return request
  throw new EngineError('ILLEGAL_TRANSITION', `This request is ${request.status}: there is nothing left to decide.`, {
    from: request.status,
    to,
  })
}

/** One person's requests are made one after another, so that their number does not get past its limit. */
async function requireFewOpen(tx: Tx, organizationId: string, { id }: Actor): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`requests of ${id}`}, 0))::text AS locked`
  // Those that this person asked for count. Only a part of Jobyard has no id: then everybody's requests count.
  const here = { organizationIds: [organizationId] }
  const nowhere = { organizationIds: [] }
  const visible = id ? { everybodysIn: nowhere, ownIn: { scope: here, askedById: id } } : { everybodysIn: here }
  const open = await countOpenRequests(tx, { visible })
  if (open >= MAX_OPEN_REQUESTS)
    throw invalid(
      'kind',
      `You have ${open} open requests here, the most there can be. Withdraw one, or wait for an answer.`,
    )
}

/** Refuses most of what could not be done or would change nothing, so that no admin has to look at it. */
async function requireSense(tx: Tx, { organizationId, kind, jobType, change, selection }: AskedFor): Promise<void> {
  if (kind === 'CHANGE_JOB') {
    const { runAt, ...wish } = change as JobWish
    checkJobOptions({ ...wish, ...(runAt && { runAt: new Date(runAt) }) }, 'changes.')
    const [id] = selection && 'jobIds' in selection ? selection.jobIds : []
    const job = await tx.job.findFirst({ where: { id, organizationId }, select: { status: true } })
    if (job && !isAmendable(job.status))
      throw invalid('jobIds', `The job is ${job.status}: only a job that waits can be changed.`)
  }
  if (kind === 'CHANGE_LIMIT' && jobType !== undefined && !(await tx.jobType.count({ where: { name: jobType } })))
    throw invalid('jobType', `There is no job type ${jobType}.`)
  if (kind === 'CLOSE_CIRCUIT') {
    const circuit = await getCircuit(tx, { organizationId, jobType: jobType ?? '' })
    if (!circuit || circuit.state === 'CLOSED') throw invalid('jobType', 'The circuit of this job type is not open.')
  }
  if (kind === 'PAUSE' || kind === 'RESUME') {
    const paused = await tx.pause.count({ where: { scope: 'ORGANIZATION', target: organizationId } })
    if (kind === 'PAUSE' && paused > 0) throw invalid('kind', 'The organization is paused already.')
    if (kind === 'RESUME' && paused === 0) throw invalid('kind', 'The organization is not paused.')
  }
}

const audited = ({ id, organizationId, kind, matched, jobType, change, filter, askedBy }: RequestView) => ({
  organizationId,
  targetType: 'request',
  targetId: id,
  after: {
    kind,
    askedBy: { ...askedBy },
    ...(matched !== null && { matched }),
    ...(jobType !== null && { jobType }),
    ...(change !== null && { change }),
    ...(filter !== null && { filter }),
  } as { [key: string]: Json },
})
