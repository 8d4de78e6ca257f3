import type { DbOrTx } from '@/server/db'
import type { JobTypeDefinition } from '../../domain/job-type-config'
import { DEFAULT_POOL } from '../../domain/pools'
import { systemActor, type QueueName } from '../../domain/types'

/**
 * Creates the job types that do not exist, each with its version 1. Job types that exist stay as they are, because
 * administrators may have changed them.
 *
 * @param queueOf gives the queue of a handler, by its key
 * @param by the part of Jobyard that creates them
 */
export async function createMissingJobTypes(
  db: DbOrTx,
  definitions: readonly JobTypeDefinition[],
  queueOf: (handler: string) => QueueName,
  by = 'seed',
): Promise<void> {
  const given = definitions.map((type) => ({ config: { ...type, version: 1 }, queue: queueOf(type.handler) }))
  const createdBy = JSON.stringify(systemActor(by))
  // The type json, unlike jsonb, keeps the order in which a schema's fields are written.
  await db.$executeRaw`
    WITH given AS (
      SELECT one->'config' AS config, (one->>'queue')::"JobQueue" AS queue FROM json_array_elements(${JSON.stringify(given)}::json) AS one
    ), created AS (
      INSERT INTO job_types (name, display_name, description, title, handler, queue, pool, parameter_schema, enabled, required_role,
        timeout_seconds, priority, max_retries, backoff_base_seconds, backoff_cap_seconds, dedupe_window_seconds,
        rate_limit_count, rate_limit_window_seconds, concurrency_global, concurrency_per_organization, retention_days)
      SELECT config->>'name', config->>'displayName', config->>'description', config->>'title', config->>'handler',
        queue, COALESCE(config->>'pool', ${DEFAULT_POOL}), config->'parameterSchema', (config->>'enabled')::boolean, (config->>'requiredRole')::"OrgRole",
        (config->>'timeoutSeconds')::int, (config->>'priority')::"JobPriority", (config->>'maxRetries')::int,
        (config->>'backoffBaseSeconds')::int, (config->>'backoffCapSeconds')::int,
        (config->>'dedupeWindowSeconds')::int, (config->'rateLimit'->>'count')::int,
        (config->'rateLimit'->>'windowSeconds')::int, (config->'concurrency'->>'global')::int,
        (config->'concurrency'->>'perOrganization')::int, (config->>'retentionDays')::int
      FROM given
      ON CONFLICT (name) DO NOTHING
      RETURNING name
    )
    INSERT INTO job_type_versions (job_type, version, config, handler, created_by)
    SELECT name, 1, config, config->>'handler', ${createdBy}::jsonb FROM created JOIN given ON config->>'name' = name`
}
