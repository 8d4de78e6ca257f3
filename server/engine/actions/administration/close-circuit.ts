import type { DbOrTx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { getCircuit, type CircuitView } from '../../store/administration/circuits'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'

/**
 * Closes a circuit by hand. It holds its jobs back no longer, and only outcomes from now on count. A trial that runs goes on as
 * an ordinary job. A circuit that is closed already stays as it is, and `changed` is false.
 *
 * @throws EngineError NOT_FOUND where there has never been one
 */
export async function closeCircuit(
  db: DbOrTx,
  {
    jobType,
    organizationId,
    reason,
    actor,
    address,
  }: {
    jobType: string
    organizationId: string
    reason?: string | null
    actor: Actor
    address: string | null
  },
): Promise<{ circuit: CircuitView; changed: boolean }> {
  return inTransaction(db, async (tx) => {
    const before = await getCircuit(tx, { jobType, organizationId }, { lock: true })
    if (!before)
      throw new EngineError(
        'NOT_FOUND',
        `The circuit of ${jobType} in this organization has never opened, so there is nothing to close.`,
      )
    if (before.state === 'CLOSED') return { circuit: before, changed: false }
    await tx.$executeRaw`
      UPDATE circuits SET state = 'CLOSED', closed_at = clock_timestamp(), closed_by = ${JSON.stringify(actor)}::jsonb,
        counts_from = clock_timestamp(), trial_job_id = NULL, trial_attempt = NULL
      WHERE job_type = ${jobType} AND organization_id = ${organizationId}::uuid`
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: 'circuit.close',
      targetType: 'circuit',
      targetId: jobType,
      before: {
        state: before.state,
        openedAt: before.openedAt.toISOString(),
        failures: before.failures,
        outcomes: before.outcomes,
      },
      after: { state: 'CLOSED' },
    })
    // It names no organization, so that dispatchers forget all held work that they remember (worker/dispatch/held.ts).
    await announce(tx, { dispatch: true })
    return { circuit: (await getCircuit(tx, { jobType, organizationId }))!, changed: true }
  })
}
