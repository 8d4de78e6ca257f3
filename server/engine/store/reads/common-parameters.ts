import type { DbOrTx } from '@/server/db'
import { valuesInCommon, type CommonValue } from '../../domain/common-values'
import { maskSensitive } from '../../domain/sensitive'
import type { Json } from '../../domain/types'

/**
 * How many jobs are compared, of the group and of the others. The others are looked for among five times as many of the
 * newest jobs of the type, because those that died of the cause are no others.
 */
const COMPARED = 200
/** Larger parameters are left out: 400 of the largest would be 100 MB. */
const MAX_BYTES = 8_192

/**
 * What the newest 200 dead letters of a cause have in common in their parameters, and the newest 200 other jobs of the
 * type mostly have not. Read from the masked parameters, and masked once more by the schema as it is now: a value that
 * was marked as sensitive later is not told either.
 */
export async function parametersInCommon(
  db: DbOrTx,
  { organizationId, jobType, errorFingerprint }: { organizationId: string; jobType: string; errorFingerprint: string },
): Promise<CommonValue[]> {
  const rows = await db.$queryRaw<{ ours: boolean; parameters: Json }[]>`
    SELECT TRUE AS ours, i.parameters FROM (
      SELECT j.id FROM jobs j
      WHERE j.status = 'DEAD_LETTER' AND j.organization_id = ${organizationId}::uuid AND j.job_type = ${jobType} AND j.error_fingerprint = ${errorFingerprint}
      ORDER BY j.finished_at DESC, j.id DESC LIMIT ${COMPARED}) newest
    JOIN job_inputs i ON i.job_id = newest.id WHERE pg_column_size(i.parameters) <= ${MAX_BYTES}::int
    UNION ALL
    (SELECT FALSE, i.parameters FROM (
      SELECT i.job_id, i.parameters FROM job_inputs i
      WHERE i.organization_id = ${organizationId}::uuid AND i.job_type = ${jobType} ORDER BY i.job_id DESC LIMIT ${5 * COMPARED}) i
    JOIN jobs j ON j.id = i.job_id
    WHERE NOT (j.status = 'DEAD_LETTER' AND j.error_fingerprint = ${errorFingerprint}) AND pg_column_size(i.parameters) <= ${MAX_BYTES}::int
    ORDER BY i.job_id DESC LIMIT ${COMPARED})`
  const schema = (await db.jobType.findUnique({ where: { name: jobType }, select: { parameterSchema: true } }))
    ?.parameterSchema as Json
  const of = (ours: boolean) =>
    rows
      .filter((row) => row.ours === ours)
      .slice(0, COMPARED)
      .map(({ parameters }) => maskSensitive(schema ?? {}, parameters).parameters)
  return valuesInCommon(of(true), of(false))
}
