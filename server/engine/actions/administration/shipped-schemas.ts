import type { DbOrTx } from '@/server/db'
import type { JobTypeDefinition } from '../../domain/job-type-config'
import { systemActor } from '../../domain/types'
import { changeJobType } from './job-types'

/** The name under which `createMissingJobTypes` makes the job types that ship with Jobyard. */
const SEED = 'seed'

/**
 * Gives job types that ship with Jobyard the parameter schema of this version of it, as a new version of the type.
 * Only where the schema is still the one that was shipped before: what an administrator made of it stays, and so do all
 * other settings. The order of a schema's fields does not count here: json cannot be compared, and jsonb keeps no order.
 */
export async function followShippedSchemas(db: DbOrTx, definitions: readonly JobTypeDefinition[]): Promise<void> {
  const given = definitions.map(({ name, parameterSchema }) => ({ name, schema: parameterSchema }))
  const due = await db.$queryRaw<{ name: string }[]>`
    SELECT t.name FROM json_array_elements(${JSON.stringify(given)}::json) AS one
    JOIN job_types t ON t.name = one->>'name'
    CROSS JOIN LATERAL (
      SELECT v.config->'parameterSchema' AS schema FROM job_type_versions v
      WHERE v.job_type = t.name AND v.created_by->>'type' = 'system' AND v.created_by->>'name' = ${SEED}
      ORDER BY v.version DESC LIMIT 1
    ) shipped
    WHERE t.parameter_schema::jsonb = shipped.schema::jsonb AND t.parameter_schema::jsonb <> (one->'schema')::jsonb
    ORDER BY t.name`
  for (const { name } of due) {
    const { parameterSchema } = definitions.find((one) => one.name === name)!
    await changeJobType(db, {
      name,
      changes: { parameterSchema },
      actor: systemActor(SEED),
      address: null,
      reason: 'It came with a newer version of Jobyard.',
    })
  }
}
