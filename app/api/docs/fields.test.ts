import { describe, expect, it } from 'vitest'
import { toJsonSchema } from '@/server/api/openapi/json-schema'
import type { JsonSchema } from '@/server/api/openapi/types'
import { z } from '@/server/api/schemas/zod'
import { fieldsOf, typeOf, type Piece } from './fields'

const text = (pieces: Piece[]) => pieces.map((piece) => ('type' in piece ? `→${piece.type}` : piece.text)).join('')
const rows = (schema: z.ZodType) =>
  fieldsOf(toJsonSchema(schema, 'input', new Map())).map((list) =>
    list.map(({ path, required, type, limits, description }) =>
      [`${path}${required ? '' : '?'}`, text(type), limits, description].filter((cell) => cell !== null).join(' · '),
    ),
  )

describe('the fields of a schema', () => {
  it('each field of a schema is listed with its type, bounds, meaning and inner fields', () => {
    const named = z.string().meta({ id: 'Named' })
    expect(
      rows(
        z.object({
          at: z.iso.datetime().nullable().describe('When.'),
          id: z.guid(),
          limit: z.int().min(1).max(1000).optional(),
          anything: z.unknown(),
          role: z.enum(['A', 'B']),
          name: z.string().max(20).regex(/^a/),
          count: z.int(),
          jobs: z
            .array(z.object({ ref: named.nullish() }))
            .min(1)
            .max(5),
          error: z.object({ message: z.string() }).nullable(),
          names: z.array(named),
        }),
      ),
    ).toEqual([
      [
        'at · ISO 8601 time or null · When.',
        'id · UUID',
        'limit? · integer · 1 to 1,000',
        'anything · any JSON',
        'role · "A" | "B"',
        'name · string · at most 20 characters, matches ^a',
        'count · integer',
        'jobs · object[] · 1 to 5 items',
        'jobs[].ref? · →Named or null',
        'error · object or null',
        'error.message · string',
        'names · →Named[]',
      ],
    ])
  })

  it('a schema with alternatives has a list of fields for each', () => {
    const either = z.discriminatedUnion('scope', [
      z.object({ scope: z.literal('all') }),
      z.object({ scope: z.literal('one'), id: z.string() }),
    ])
    expect(rows(either)).toEqual([['scope · "all"'], ['scope · "one"', 'id · string']])
  })

  it('a schema that is not an object has no fields', () => {
    const schema: JsonSchema = {
      anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/components/schemas/Json' } }],
    }
    expect(fieldsOf(schema)).toEqual([[]])
    expect(text(typeOf(schema))).toBe('string | →Json[]')
  })
})
