import { expect, test } from 'vitest'
import { refusal } from './try.mjs'

const unknown = {
  message: 'There is no job type "digest.failures". jobTypes.list names those that exist.',
  data: {
    reason: 'UNKNOWN_JOB_TYPE',
    fields: [
      { path: 'jobType', message: 'There is no job type "digest.failures". jobTypes.list names those that exist.' },
    ],
  },
}

test('who tries a handler that the running Jobyard does not know yet is told that its file is there', () => {
  expect(refusal(unknown, '', ['digest.failures.ts', 'hello.world.ts']).message).toContain(
    'There is no job type "digest.failures" yet, although digest.failures.ts is there.',
  )
  expect(refusal(unknown, '', ['hello.world.ts'])).toMatchObject({ message: unknown.message, details: '' })
})

test('who tries a job with wrong parameters sees each wrong field once', () => {
  const error = {
    message: 'The parameters do not fit.',
    data: { fields: [{ path: 'parameters.lines', message: 'must have items' }] },
  }
  expect(refusal(error, '', [])).toMatchObject({
    message: error.message,
    details: '  parameters.lines must have items',
  })
  expect(refusal(undefined, 'http://localhost:3000 answered 502.', [])).toMatchObject({
    message: 'http://localhost:3000 answered 502.',
  })
})
