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

test('a refusal of a field that a form does not show is told beside the fields, in the words of the dashboard', () => {
  const error = (fields: { path: string; message: string }[], message?: string) =>
    Object.assign(new Error(message ?? `${fields[0]!.path}: ${fields[0]!.message}`), {
      data: { code: 'BAD_REQUEST', reason: 'INVALID_INPUT', fields },
    })
  const name = { path: 'name', message: 'must not be empty' }
  const role = { path: 'role', message: 'must be one of the roles' }
  const jobs = { path: 'jobIds', message: 'The job is RUNNING: only a job that waits can be changed.' }
  const isShown = (path: string) => path === 'name'
  expect(refusedElsewhere(null, isShown)).toBeNull()
  expect(refusedElsewhere(error([name]), isShown)).toBeNull()
  const runs = 'The job is running: only a job that waits can be changed.'
  expect(refusedElsewhere(error([jobs]), isShown)).toBe(runs)
  expect(refusedElsewhere(error([name, role, jobs]), isShown)).toBe(`role must be one of the roles. ${runs}`)
  // One field is told as it is among several, whichever of its two forms the server chose.
  const one = 'The input does not fit: role must be one of the roles'
  expect(refusedElsewhere(error([role], one), isShown)).toBe('role must be one of the roles.')
  expect(refusedElsewhere(error([role]), isShown)).toBe('role must be one of the roles.')
  const whole = { path: '', message: 'must have the header Host' }
  expect(refusedElsewhere(error([whole, role]), isShown)).toBe(
    'The input must have the header Host. role must be one of the roles.',
  )
  // A message that says more than the field does is told as it is, and so are the words of a person.
  expect(refusedElsewhere(error([role], 'Only an admin gives this role.'), isShown)).toBe(
    'Only an admin gives this role.',
  )
  const taken = { path: 'slug', message: 'The short name “PENDING” is taken.' }
  expect(refusedElsewhere(error([taken]), isShown)).toBe(taken.message)
  expect(refusedElsewhere(refused('NOT_PERMITTED', 'You may not.'), isShown)).toBe('You may not.')
})
