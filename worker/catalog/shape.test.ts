import { expect, test } from 'vitest'
import { defineHandler, z } from '@jobyard/handler'
import { jobTypeOf } from './job-type-of'
import { shapeProblem } from './shape'

const right = defineHandler({
  key: 'invoice.send',
  isolated: false,
  schema: z.strictObject({ to: z.email().meta({ title: 'To' }), copies: z.int().min(0).max(9).default(1) }),
  jobType: { displayName: 'Send invoice', timeoutSeconds: 60 },
  run: () => Promise.resolve(),
})

test('the job type of a handler has its key, its defaults and a parameter schema made from the Zod schema', () => {
  expect(shapeProblem({ default: right })).toBeNull()
  expect(jobTypeOf(right)).toMatchObject({
    name: 'invoice.send',
    handler: 'invoice.send',
    displayName: 'Send invoice',
    timeoutSeconds: 60,
    maxRetries: 5,
    parameterSchema: {
      type: 'object',
      additionalProperties: false,
      required: ['to'],
      properties: {
        to: { type: 'string', format: 'email', title: 'To' },
        copies: { type: 'integer', minimum: 0, maximum: 9, default: 1 },
      },
    },
  })
  expect(jobTypeOf({ ...right, jobType: undefined })).toBeNull()
})

test.each([
  [undefined, /exports no handler: end it with `export default/],
  [{ ...right, key: 'Not A Key' }, /needs a `key` that begins/],
  [{ ...right, isolated: undefined }, /needs `isolated`: true/],
  [{ ...right, schema: { type: 'object' } }, /needs `schema`: a Zod schema/],
  [{ ...right, run: undefined }, /needs `run`/],
  [{ ...right, onTimeout: 'later' }, /`onTimeout` that is no function/],
  [{ ...right, jobType: { timeout: 60 } }, /has a `jobType.timeout`, which there is not: it can be displayName,/],
  [{ ...right, jobType: { timeoutSeconds: '60' } }, /wrong `jobType.timeoutSeconds`/],
  [{ ...right, jobType: { timeoutSeconds: 0 } }, /wrong `jobType.timeoutSeconds`: it must be a whole number from 1/],
  [{ ...right, jobType: { title: '{nobody}' } }, /wrong `jobType.title`/],
  [{ ...right, jobType: { parameterSchema: { type: 'string' } } }, /wrong `jobType.parameterSchema.type`/],
  [
    { ...right, schema: z.strictObject({ at: z.date() }), jobType: {} },
    /no parameter schema: jobType.parameterSchema cannot be made from the Zod schema \(Date.*\): write it out/,
  ],
])('a file that exports something else is told what is wrong: %#', (exported, message) =>
  expect(shapeProblem({ default: exported })).toMatch(message),
)
