import { expect, test } from 'vitest'
import { isNoId, messageOf, refusalOf } from './refusal'

const refused = (reason: string, message: string) =>
  Object.assign(new Error(message), { data: { code: 'CONFLICT', reason } })
const [JOB, PARENT] = ['0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f', '0197f1c2-ffff-7c54-9a51-aaaaaaaaaaaa']

test('a refusal because of another job shows the status of that job as a word, and only the last eight characters of each id', () => {
  const message = `Job ${JOB} waits for job ${PARENT}, which is DEAD_LETTER. Retry that one.`
  expect(messageOf(refused('INVALID_DEPENDENCY', message))).toBe(
    'Job 1c0d9e8f waits for job aaaaaaaa, which is dead. Retry that one.',
  )
})

test('a refusal for another reason keeps the ids and the names of statuses that stand in it', () => {
  const message = `The name “PENDING ${JOB}” is taken.`
  expect(messageOf(refused('INVALID_INPUT', message))).toBe(message)
})

test.each(['jobId', 'bulkId', 'requestId', 'scheduleId', 'ruleId'])(
  'an address with a mistyped %s says so, and names no field',
  (path) => {
    const error = Object.assign(new Error(`${path} must be a UUID.`), {
      data: { code: 'BAD_REQUEST', reason: 'INVALID_INPUT', fields: [{ path, message: 'must be a UUID' }] },
    })
    expect(isNoId(refusalOf(error)!)).toBe(true)
    expect(messageOf(error)).toBe('The address is cut short or mistyped: there is nothing with this id.')
  },
)
