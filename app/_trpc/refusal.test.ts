import { expect, test } from 'vitest'
import { isNoId, messageOf, refusalOf, refusedElsewhere } from './refusal'

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

test('a refusal of a field that a form does not show is told beside the fields, with its name', () => {
  const error = (fields: { path: string; message: string }[]) =>
    Object.assign(new Error(`${fields[0]!.path}: ${fields[0]!.message}`), {
      data: { code: 'BAD_REQUEST', reason: 'INVALID_INPUT', fields },
    })
  const name = { path: 'name', message: 'must not be empty' }
  const role = { path: 'role', message: 'must be one of the roles' }
  const jobs = { path: 'jobIds', message: 'The job is RUNNING: only a job that waits can be changed.' }
  const isShown = (path: string) => path === 'name'
  expect(refusedElsewhere(null, isShown)).toBeNull()
  expect(refusedElsewhere(error([name]), isShown)).toBeNull()
  expect(refusedElsewhere(error([jobs]), isShown)).toBe(`jobIds: ${jobs.message}`)
  expect(refusedElsewhere(error([name, role, jobs]), isShown)).toBe(
    `role: must be one of the roles. jobIds: ${jobs.message}`,
  )
  expect(refusedElsewhere(refused('NOT_PERMITTED', 'You may not.'), isShown)).toBe('You may not.')
})
