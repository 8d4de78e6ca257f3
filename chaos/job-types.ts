import { jobType, type JobTypeDefinition } from '@/server/engine/domain/job-type-config'

const type = (name: string, handler: 'chaos.inline' | 'chaos.isolated', more: Partial<JobTypeDefinition> = {}) =>
  jobType({
    name,
    displayName: name,
    description: '',
    handler,
    parameterSchema: {},
    maxRetries: 10,
    backoffBaseSeconds: 1,
    backoffCapSeconds: 3,
    timeoutSeconds: 60,
    ...more,
  })

/** How many `chaos.narrow` run at once, everywhere and in one organization. */
export const NARROW = { global: 4, perOrganization: 3 }
/** How many `chaos.counted` an organization may submit within the window. */
export const COUNTED = { count: 10, windowSeconds: 4 }

/** The job types of a campaign. Their handlers are in chaos/handlers/. */
export const CHAOS_JOB_TYPES: readonly JobTypeDefinition[] = [
  type('chaos.quick', 'chaos.inline'),
  type('chaos.thread', 'chaos.isolated'),
  type('chaos.narrow', 'chaos.inline', { concurrency: NARROW, pool: 'narrow' }),
  type('chaos.counted', 'chaos.inline', { rateLimit: COUNTED }),
  // Fails every time, so that its circuit opens.
  type('chaos.broken', 'chaos.inline', { maxRetries: 0 }),
]
