import { Prisma, type DbOrTx } from '@/server/db'
import { patternOf } from '../../domain/failure-pattern'
import { kindKey, type Kind } from './usual-runs'

/** An attempt whose handler ended by itself or by its timeout. */
export interface CircuitOutcome {
  jobId: string
  outcome: 'COMPLETED' | 'FAILED' | 'TIMED_OUT'
  at: Date
}

/** The most frequent cause of the last failures of a kind. */
export interface CircuitCause {
  errorFingerprint: string
  errorMessage: string
  /** The message with placeholders for what varies. */
  pattern: string
  /** How many of the last outcomes it is. */
  count: number
}

/** How many outcomes of a kind are shown. */
const SHOWN = 10
/**
 * How many of an organization's latest attempts are searched. In a busy organization a kind may be so rare that its ten
 * outcomes lie far back, and then fewer are shown.
 */
const SEARCHED = 20_000

type Row = Kind & CircuitOutcome & { fingerprint: string | null; message: string | null }

/**
 * The last ten outcomes of each kind, oldest first, by `kindKey`, and the most frequent cause of the failures among
 * them. As for the circuit breaker, attempts that the seed made up (`seeded`) do not count.
 */
export async function recentOutcomes(
  db: DbOrTx,
  kinds: readonly Kind[],
): Promise<Map<string, { recent: CircuitOutcome[]; cause: CircuitCause | null }>> {
  if (kinds.length === 0) return new Map()
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT k.organization_id AS "organizationId", k.job_type AS "jobType", o.job_id AS "jobId", o.outcome, o.ended_at AS at,
      o.error_fingerprint AS fingerprint, o.error_message AS message
    FROM unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[]) AS k(organization_id, job_type)
    CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT a.job_id, a.job_type, a.outcome, a.ended_at, a.error_fingerprint, a.error_message, a.seeded FROM job_attempts a
        WHERE a.organization_id = k.organization_id AND a.ended_at IS NOT NULL
        ORDER BY a.ended_at DESC LIMIT ${SEARCHED}) latest
      WHERE latest.job_type = k.job_type AND latest.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT') AND NOT latest.seeded
      ORDER BY latest.ended_at DESC LIMIT ${SHOWN}) o
    ORDER BY o.ended_at, o.job_id`)
  const byKind = new Map<string, Row[]>()
  for (const row of rows) byKind.set(kindKey(row), [...(byKind.get(kindKey(row)) ?? []), row])
  return new Map(
    [...byKind].map(([key, found]) => [
      key,
      { recent: found.map(({ jobId, outcome, at }) => ({ jobId, outcome, at })), cause: mostCommon(found) },
    ]),
  )
}

/** The most frequent cause. Of equally frequent ones, the one that failed last. The rows are given oldest first. */
function mostCommon(rows: readonly Row[]): CircuitCause | null {
  const causes = new Map<string, { count: number; message: string }>()
  for (const { fingerprint, message } of rows)
    if (fingerprint !== null && message !== null) {
      const count = (causes.get(fingerprint)?.count ?? 0) + 1
      // A Map keeps the place of a key that is set again, so the cause is taken out and moves to the end.
      causes.delete(fingerprint)
      causes.set(fingerprint, { count, message })
    }
  const [most] = [...causes].reverse().sort(([, a], [, b]) => b.count - a.count)
  if (!most) return null
  const [errorFingerprint, { count, message }] = most
  return { errorFingerprint, errorMessage: message, pattern: patternOf(message), count }
}
