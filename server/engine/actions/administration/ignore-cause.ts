import type { DbOrTx } from '@/server/db'
import type { AuditAction } from '../../domain/audit/actions'
import { EngineError } from '../../domain/errors'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

// Leaves a cause of dead letters out of the lists, until a time or until it happens too often.

/** A cause of dead letters: what died of the same in one organization and job type. */
export interface CauseKey {
  organizationId: string
  jobType: string
  errorFingerprint: string
}

interface CauseChange extends CauseKey {
  actor: Actor
  address: string | null
  reason: string
}

/**
 * Leaves a cause out of the groups of dead letters, until a time or until it happens more than `perHour` times within
 * an hour, whichever comes first. Then it comes back by itself. Where neither is given, it stays out until
 * `unignoreCause`. Asked again, the later call counts.
 *
 * @throws EngineError NOT_FOUND where nothing is dead of it; INVALID_INPUT for a time that is over.
 */
export async function ignoreCause(
  db: DbOrTx,
  {
    organizationId,
    jobType,
    errorFingerprint,
    until = null,
    perHour = null,
    reason,
    actor,
    address,
  }: CauseChange & { until?: Date | null; perHour?: number | null },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const [found] = await tx.$queryRaw<{ over: boolean }[]>`
      SELECT coalesce(${until}::timestamptz <= clock_timestamp(), false) AS over FROM jobs j
      WHERE j.status = 'DEAD_LETTER' AND j.organization_id = ${organizationId}::uuid AND j.job_type = ${jobType} AND j.error_fingerprint = ${errorFingerprint}
      LIMIT 1`
    if (!found)
      throw new EngineError(
        'NOT_FOUND',
        `No job of ${jobType} is dead of ${errorFingerprint} here: there is nothing to ignore.`,
      )
    if (found.over) {
      throw new EngineError('INVALID_INPUT', 'until is over: give a time that is still to come.', {
        fields: [{ path: 'until', message: 'must be a time that is still to come' }],
      })
    }
    await tx.$executeRaw`
      INSERT INTO ignored_causes (organization_id, job_type, error_fingerprint, until, per_hour, reason, ignored_by, ignored_at)
      VALUES (${organizationId}::uuid, ${jobType}, ${errorFingerprint}, ${until}::timestamptz, ${perHour}::int, ${reason}, ${JSON.stringify(actor)}::jsonb, clock_timestamp())
      ON CONFLICT (organization_id, job_type, error_fingerprint) DO UPDATE SET until = EXCLUDED.until, per_hour = EXCLUDED.per_hour,
        reason = EXCLUDED.reason, ignored_by = EXCLUDED.ignored_by, ignored_at = EXCLUDED.ignored_at`
    await writeAudit(tx, {
      ...audited('deadLetters.ignore', { organizationId, jobType, errorFingerprint }),
      actor,
      address,
      reason,
      after: { ignored: true, until: until?.toISOString() ?? null, perHour },
    })
  })
}

/**
 * Shows a cause again that was ignored. False where it was not; then nothing is written down.
 */
export async function unignoreCause(
  db: DbOrTx,
  {
    organizationId,
    jobType,
    errorFingerprint,
    reason,
    actor,
    address,
  }: Omit<CauseChange, 'reason'> & { reason?: string },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const removed = await tx.$executeRaw`
      DELETE FROM ignored_causes WHERE organization_id = ${organizationId}::uuid AND job_type = ${jobType} AND error_fingerprint = ${errorFingerprint}`
    if (removed === 0) return false
    await writeAudit(tx, {
      ...audited('deadLetters.unignore', { organizationId, jobType, errorFingerprint }),
      actor,
      address,
      reason,
      after: { ignored: false },
    })
    return true
  })
}

const audited = (action: AuditAction, { organizationId, jobType, errorFingerprint }: CauseKey) => ({
  action,
  organizationId,
  targetType: 'cause',
  targetId: `${jobType} ${errorFingerprint}`,
})
