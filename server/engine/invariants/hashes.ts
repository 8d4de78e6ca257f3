import { Prisma } from '@/server/db'
import { unfinished, type Scope } from './scope'

/** An unfinished job holds its hash, if it has one, and no other; CANCELED and DEAD_LETTER none; COMPLETED for a time. */
export function hashChecks({ jobs, claims }: Scope): Prisma.Sql[] {
  const own = Prisma.sql`c.organization_id = j.organization_id AND c.job_type = j.job_type AND c.hash = j.dedupe_hash`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s and does not hold its hash', j.status) AS problem FROM ${jobs} j
      WHERE j.status::text IN (${unfinished}) AND j.dedupe_hash IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM dedupe_claims c WHERE ${own} AND c.job_id = j.id AND c.held_until = 'infinity')`,
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s and holds a hash', j.status) AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE j.status IN ('CANCELED', 'DEAD_LETTER')`,
    Prisma.sql`
      SELECT j.id AS job_id, 'is COMPLETED and holds its hash for ever' AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE j.status = 'COMPLETED' AND c.held_until = 'infinity'`,
    Prisma.sql`
      SELECT j.id AS job_id, 'holds a hash that is not its own' AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE (${own}) IS NOT TRUE`,
    Prisma.sql`
      SELECT c.job_id, 'holds a hash and does not exist' AS problem FROM ${claims} c
      WHERE c.held_until = 'infinity' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = c.job_id)`,
  ]
}
