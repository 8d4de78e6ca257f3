import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { EngineError, notVisible } from '../../domain/errors'
import { WAITING_STATUSES } from '../../domain/state'
import { systemActor, type Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { freeHashes } from '../../store/admission/dedupe'
import {
  lockOrganization,
  ORGANIZATION_NOT_FOUND,
  type OrganizationView,
} from '../../store/administration/organizations'
import { keepMessageWords } from '../../store/reads/search'
import { announce, signalJobs } from '../../store/signals'
import { inTransaction, retryConflicts } from '../../store/transaction'
import { transition } from '../../store/transition'

// Suspends, resumes and deletes organizations. A running job of a deleted organization is condemned: its row notes the
// error with which the job ends, whatever its attempt reports.

/** How many waiting jobs one transaction of a sweep moves. */
const BATCH = 500
/** The most batches of one sweep, that is of one run of the leader's duty. The next one goes on. */
const MAX_BATCHES = 20

interface OrganizationChange {
  organizationId: string
  reason?: string | null
  actor: Actor
  address: string | null
}

/**
 * Suspends an organization. Until it is resumed, none of its jobs is submitted, retried or started, and its members get
 * no results. Running jobs end normally, and jobs can still be canceled.
 *
 * An organization that is suspended already keeps its time and reason.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when it is deleted
 */
export function suspendOrganization(db: DbOrTx, given: OrganizationChange): Promise<OrganizationView> {
  return changeStatus(db, given, 'SUSPENDED', async (tx) => {
    await tx.$executeRaw`
      UPDATE organizations SET status = 'SUSPENDED', suspended_at = clock_timestamp(), suspend_reason = ${given.reason ?? null}
      WHERE id = ${given.organizationId}::uuid`
  })
}

/**
 * Ends a suspension and wakes the dispatchers. An organization that is active stays as it is.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when it is deleted, because that cannot be undone
 */
export function resumeOrganization(db: DbOrTx, given: OrganizationChange): Promise<OrganizationView> {
  return changeStatus(db, given, 'ACTIVE', async (tx) => {
    await tx.$executeRaw`
      UPDATE organizations SET status = 'ACTIVE', suspended_at = NULL, suspend_reason = NULL WHERE id = ${given.organizationId}::uuid`
    await announce(tx, { dispatch: true, organizationId: given.organizationId })
  })
}

/**
 * Deletes an organization. Its rows stay, but its members find nothing of it from this commit on, and it cannot be
 * undone. Its running jobs are signaled. However their attempts end, the jobs become DEAD_LETTER, or CANCELED where a
 * cancel was asked before. Waiting jobs follow in batches (`sweepDeletedOrganizations`).
 *
 * An organization that is deleted already stays as it is.
 *
 * @throws EngineError NOT_FOUND
 */
export function deleteOrganization(db: DbOrTx, given: OrganizationChange): Promise<OrganizationView> {
  return changeStatus(db, given, 'DELETED', async (tx) => {
    await tx.$executeRaw`UPDATE organizations SET status = 'DELETED', deleted_at = clock_timestamp() WHERE id = ${given.organizationId}::uuid`
    const condemned = await tx.$queryRaw<{ id: string }[]>`
      UPDATE jobs j SET condemned = ${ORGANIZATION_NOT_FOUND}
      FROM (SELECT id FROM jobs WHERE status = 'RUNNING' AND organization_id = ${given.organizationId}::uuid ORDER BY id FOR NO KEY UPDATE) held
      WHERE j.id = held.id RETURNING j.id`
    await signalJobs(
      tx,
      condemned.map(({ id }) => id),
    )
    await announce(tx, { dispatch: false })
  })
}

/**
 * Carries out deletions. Waiting jobs of deleted organizations become DEAD_LETTER, in batches that skip locked rows,
 * which the next sweep takes. Jobs that started while the organization was being deleted are condemned and signaled.
 * Returns how many jobs it moved or condemned.
 */
export async function sweepDeletedOrganizations(db: Db): Promise<number> {
  let done = await condemnMissed(db)
  for (let batch = 1; batch <= MAX_BATCHES; batch++) {
    const moved = await retryConflicts(() => deadLetterWaiting(db))
    done += moved
    if (moved < BATCH) break
  }
  if (done > 0) await announce(db, { dispatch: false })
  return done
}

async function changeStatus(
  db: DbOrTx,
  { organizationId, reason, actor, address }: OrganizationChange,
  to: OrganizationView['status'],
  change: (tx: Tx) => Promise<void>,
): Promise<OrganizationView> {
  return inTransaction(db, async (tx) => {
    const before = await lockOrganization(tx, organizationId)
    if (!before) throw notVisible('organization', organizationId)
    if (before.status === to) return before
    if (before.status === 'DELETED') {
      throw new EngineError(
        'ILLEGAL_TRANSITION',
        `${before.name} is deleted, which cannot be undone. Create a new organization.`,
        { from: 'DELETED', to },
      )
    }
    await change(tx)
    const after = (await lockOrganization(tx, organizationId))!
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: `organization.${VERBS[to]}`,
      targetType: 'organization',
      targetId: organizationId,
      before: stateOf(before),
      after: stateOf(after),
    })
    return after
  })
}

const VERBS = {
  ACTIVE: 'resume',
  SUSPENDED: 'suspend',
  DELETED: 'delete',
} as const satisfies Record<OrganizationView['status'], string>

const stateOf = ({ status, suspendedAt, suspendReason, deletedAt }: OrganizationView) => ({
  status,
  suspendedAt: suspendedAt?.toISOString() ?? null,
  suspendReason,
  deletedAt: deletedAt?.toISOString() ?? null,
})

async function condemnMissed(db: Db): Promise<number> {
  const condemned = await retryConflicts(
    () => db.$queryRaw<{ id: string }[]>`
      UPDATE jobs j SET condemned = ${ORGANIZATION_NOT_FOUND}
      FROM (
        SELECT j.id FROM organizations o JOIN jobs j ON j.organization_id = o.id AND j.status = 'RUNNING'
        WHERE o.status = 'DELETED' AND j.condemned IS NULL ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED) held
      WHERE j.id = held.id RETURNING j.id`,
  )
  await signalJobs(
    db,
    condemned.map(({ id }) => id),
  )
  return condemned.length
}

async function deadLetterWaiting(db: Db): Promise<number> {
  const moved = await transition(db, {
    name: 'organization_gone',
    from: WAITING_STATUSES,
    to: 'DEAD_LETTER',
    // No waiting job is COMPLETED. The condition says so because the index jobs_by_status_and_kind leaves those jobs out,
    // and PostgreSQL uses it only where a statement says the same.
    source: Prisma.sql`
      SELECT j.id AS job_id, ${ORGANIZATION_NOT_FOUND}::text AS message
      FROM organizations o CROSS JOIN unnest(${[...WAITING_STATUSES]}::"JobStatus"[]) AS w(status)
      CROSS JOIN LATERAL (
        SELECT j.id FROM jobs j WHERE j.status = w.status AND j.status <> 'COMPLETED' AND j.organization_id = o.id
        ORDER BY j.id LIMIT ${BATCH}) j
      WHERE o.status = 'DELETED' LIMIT ${BATCH}`,
    lock: 'skip',
    set: Prisma.sql`finished_at = clock_timestamp(), next_retry_at = NULL,
      error_message = s.message, error_class = 'PERMANENT', error_fingerprint = s.message`,
    actor: systemActor('maintenance'),
    message: Prisma.sql`s.message`,
    returning: Prisma.sql`j.job_type, j.dedupe_hash`,
    also: [freeHashes, keepMessageWords],
  })
  return moved.length
}
