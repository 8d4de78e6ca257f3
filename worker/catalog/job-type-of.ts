import { z } from 'zod'
import {
  applyChanges,
  JOB_TYPE_DEFAULTS,
  type JobTypeChanges,
  type JobTypeDefinition,
} from '@/server/engine/domain/job-type-config'
import type { Json } from '@/server/engine/domain/types'
import type { Handler } from '@jobyard/handler'

/**
 * The job type that a handler's defaults make, with the handler's key as its name. Null where the handler gives none.
 *
 * @throws Error where the parameter schema has to be made from the Zod schema, and cannot be
 */
export function jobTypeOf({ key, schema, jobType: given }: Handler): JobTypeDefinition | null {
  if (!given) return null
  const parameterSchema = given.parameterSchema ?? schemaOf(schema)
  const base = { ...JOB_TYPE_DEFAULTS, name: key, displayName: key, handler: key, parameterSchema }
  return { ...applyChanges(base, given as JobTypeChanges), parameterSchema }
}

/** The JSON Schema that Zod makes of its schema. It describes what a submission gives, before defaults are filled in. */
function schemaOf(schema: z.ZodType): { [key: string]: Json } {
  try {
    // Through text, because Zod adds properties that are not JSON.
    return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }))) as {
      [key: string]: Json
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`jobType.parameterSchema cannot be made from the Zod schema (${why}): write it out`)
  }
}
