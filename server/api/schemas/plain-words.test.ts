import { expect, it } from 'vitest'
import { appRouter } from '../root'
import { shapeError } from '../errors'
import { TRPCError } from '@trpc/server'
import { z } from './zod'

const said = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues.map((issue) => issue.message)

it.each<[what: string, schema: z.ZodType, value: unknown, words: string]>([
  ['a field that is missing', z.string(), undefined, 'is required'],
  ['a choice that is missing', z.enum(['a', 'b']), undefined, 'is required'],
  ['another type', z.string(), 1, 'must be a string, not 1'],
  ['null', z.object({}), null, 'must be an object, not null'],
  ['a list for an object', z.object({}), [], 'must be an object, not a list'],
  ['an object for a list', z.array(z.string()), {}, 'must be a list, not an object'],
  ['text for a number', z.number(), 'x', 'must be a number, not a string'],
  ['a number that is not whole', z.int(), 1.5, 'must be a whole number, not 1.5'],
  ['too long a text', z.string().max(200), 'x'.repeat(201), 'must have at most 200 characters'],
  ['an empty text', z.string().min(1), '', 'must not be empty'],
  ['too short a text', z.string().min(12), 'x', 'must have at least 12 characters'],
  ['too many items', z.array(z.number()).max(1), [1, 2], 'must have at most 1 item'],
  ['too large a number', z.number().max(10_000), 10_001, 'must be at most 10,000'],
  ['too small a number', z.number().gt(0), 0, 'must be more than 0'],
  ['a value that is not offered', z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
  [
    'a form that is not offered',
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') })]),
    { k: 'b' },
    'must be one of "a"',
  ],
  ['no form that fits', z.union([z.string(), z.number()]), true, 'must have one of the allowed forms'],
  ['an address', z.url(), 'x', 'must be a full address such as https://example.com/path'],
  ['a pattern', z.string().regex(/^[a-z]{3}$/), 'x', 'must have the form that the API document describes'],
  ['words of the schema’s own', z.string('must be a name'), 1, 'must be a name'],
])('%s is described in plain words that follow the name of the field', (_, schema, value, words) => {
  expect(said(schema, value)).toEqual([words])
})

/** Words of Zod and of regular expressions. */
const FOREIGN = /invalid|expected|received|too (?:big|small)|discriminator|unrecognized|[<>]=|\^\[/i
const BAD = [
  undefined,
  null,
  1,
  'x'.repeat(20_000),
  [],
  {},
  true,
  { organizationId: 1, jobs: [{}], filter: { jobTypePrefix: '/' } },
]

it('no procedure answers a bad input with words of Zod or of regular expressions', () => {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>
  for (const [path, { _def }] of Object.entries(procedures))
    for (const schema of _def.inputs)
      for (const value of BAD) for (const words of said(schema, value) ?? []) expect(words, path).not.toMatch(FOREIGN)
})

it('an empty submission is told what it needs', () => {
  const { inputs } = (appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>)[
    'jobs.submit'
  ]!._def
  const cause = inputs.at(-1)!.safeParse({}).error
  expect(shapeError(new TRPCError({ code: 'BAD_REQUEST', cause })).message).toBe(
    'The input does not fit: organizationId is required',
  )
})
