import { v7 as uuidv7 } from 'uuid'
import { createMissingJobTypes } from '@/server/engine'
import { generateApiKey, apiKeyPrefix, hashApiKey } from '@/server/engine/domain/api-key'
import type { Db } from '@/server/db'
import { CHAOS_JOB_TYPES } from './job-types'

/** An organization of the campaign and the key that speaks for its admin. */
export interface Tenant {
  id: string
  name: string
  key: string
  maxConcurrent: number | null
}

/** A platform administrator's key; it speaks for no organization. */
export const ADMINISTRATOR: Tenant = { id: '', name: 'platform', key: generateApiKey(), maxConcurrent: null }

/**
 * Makes organizations, keys and job types, and a trigger that copies every admission under a rate limit: the product
 * forgets them.
 */
export async function populate(db: Db): Promise<Tenant[]> {
  const tenants = [
    { id: uuidv7(), name: 'Acme', key: generateApiKey(), maxConcurrent: null },
    { id: uuidv7(), name: 'Globex', key: generateApiKey(), maxConcurrent: 8 },
    { id: uuidv7(), name: 'Initech', key: generateApiKey(), maxConcurrent: null },
  ]
  for (const { id, name, key, maxConcurrent } of tenants) {
    await db.organization.create({ data: { id, name, slug: name.toLowerCase(), maxConcurrent } })
    await db.apiKey.create({
      data: {
        id: uuidv7(),
        organizationId: id,
        name: 'chaos',
        role: 'ADMIN',
        prefix: apiKeyPrefix(key),
        hash: Uint8Array.from(hashApiKey(key)),
      },
    })
  }
  await db.apiKey.create({
    data: {
      id: uuidv7(),
      name: 'chaos',
      role: 'SYSTEM_ADMIN',
      prefix: apiKeyPrefix(ADMINISTRATOR.key),
      hash: Uint8Array.from(hashApiKey(ADMINISTRATOR.key)),
    },
  })
  await createMissingJobTypes(db, CHAOS_JOB_TYPES, (handler) => (handler === 'chaos.inline' ? 'INLINE' : 'ISOLATED'))
  await db.$executeRaw`CREATE SCHEMA chaos`
  await db.$executeRaw`CREATE TABLE chaos.admissions (organization_id uuid, job_type text, at timestamptz(6), jobs int)`
  await db.$executeRaw`CREATE FUNCTION chaos.copy_admission() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO chaos.admissions VALUES (NEW.organization_id, NEW.job_type, NEW.at, NEW.jobs); RETURN NULL; END'`
  await db.$executeRaw`CREATE TRIGGER copy_admission AFTER INSERT ON public.rate_admissions FOR EACH ROW EXECUTE FUNCTION chaos.copy_admission()`
  return tenants
}
