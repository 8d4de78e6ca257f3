import type { DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import { waitingReasons, type WaitingReason } from '../../domain/waiting-reasons'
import { waitingFacts } from '../../store/reads/explain'

/**
 * Why a waiting job does not move: every reason at this moment, the most decisive first. Empty for a job that runs or
 * has ended.
 *
 * @throws EngineError NOT_FOUND when there is no such job in this scope
 */
export async function explainJob(db: DbOrTx, jobId: string, scope: Scope): Promise<{ reasons: WaitingReason[] }> {
  const facts = await waitingFacts(db, jobId, scope)
  return { reasons: facts ? waitingReasons(facts) : [] }
}
