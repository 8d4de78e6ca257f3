import { onJobsMoved, poolErrors } from '@/server/engine'
import { counter, countNode, gauge } from './registry'

/**
 * Counts what web and worker processes have in common.
 *
 * @param databaseUp whether PostgreSQL answers
 * @returns ends it
 */
export function countProcess(databaseUp: () => boolean): () => void {
  countNode()
  const transitions = counter('jobyard_job_transitions_total')
  const broken = counter('jobyard_database_pool_errors_total')
  // The pools count their errors themselves. At each scrape, the counter gets those since the last one.
  let counted = poolErrors()
  gauge('jobyard_database_up', function () {
    this.set(databaseUp() ? 1 : 0)
    const now = poolErrors()
    broken.inc(now - counted)
    counted = now
  })
  return onJobsMoved(({ to, count }) => transitions.inc({ to }, count))
}
