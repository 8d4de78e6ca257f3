import { expect, test } from 'vitest'
import { WAITING_CODES, type WaitingCode } from './waiting-codes'
import { endOfPlace, messageOf, placeOf } from './waiting-items'
import type { WaitingReason } from './waiting-reasons'

const group = { organizationId: 'acme', jobType: 'payout.send', queue: 'INLINE' }
const reason = (code: WaitingCode, data: WaitingReason['data'] = {}): WaitingReason => ({ code, message: 'M.', data })
const first = new Date('2026-11-29T02:39:00Z')
const ada = { type: 'user', id: null, name: 'Ada' }

test.each([
  ['platform', { target: 'platform' }, 'The whole platform is paused by Ada (“audit”).'],
  ['jobType', { target: 'jobType', jobType: 'payout.send' }, 'Job type payout.send is paused by Ada (“audit”).'],
  [
    'organization',
    { target: 'organization', organizationId: 'acme' },
    'Their organization is paused by Ada (“audit”).',
  ],
])('jobs that a pause of the %s holds are counted together, and who paused is said', (scope, place, message) => {
  const paused = reason('PAUSED', { scope, pausedBy: ada, reason: 'audit' })
  expect(placeOf(paused, group)).toEqual({ code: 'PAUSED', ...place })
  expect(messageOf(placeOf(paused, group), paused)).toBe(message)
})

test.each([
  ['CIRCUIT_OPEN', {}, { jobType: 'payout.send', organizationId: 'acme' }],
  ['CONCURRENCY_LIMIT', { of: 'jobType' }, { jobType: 'payout.send', organizationId: 'acme', target: 'jobType' }],
  ['HANDLER_MISSING', { handler: 'pay' }, { jobType: 'payout.send', target: 'pay' }],
  ['JOB_TYPE_DISABLED', {}, { jobType: 'payout.send' }],
  ['NO_WORKER', { pool: 'default' }, { target: 'INLINE' }],
  ['NO_WORKER', { pool: 'reports' }, { target: 'INLINE reports' }],
  ['WAITING_FOR_PARENTS', {}, {}],
  ['BEHIND', {}, {}],
] as const)('jobs that wait because of %s are counted by what they hang on', (code, data, place) =>
  expect(placeOf(reason(code, data), group)).toEqual({ code, ...place }),
)

test('a sentence about many jobs never speaks of one', () => {
  const data = { scope: 'platform', pausedBy: ada, reason: null }
  const own: readonly WaitingCode[] = [
    'JOB_TYPE_DISABLED',
    'CIRCUIT_OPEN',
    'CONCURRENCY_LIMIT',
    'HANDLER_MISSING',
    'NO_WORKER',
  ]
  for (const code of WAITING_CODES) {
    const message = messageOf({ code }, reason(code, data))
    if (own.includes(code)) expect(message).toBe('M.')
    else expect(message).not.toMatch(/\bIt\b|\bIts\b/)
  }
})

test('the limit of an organization and a missing handler are told of many jobs', () => {
  const limit = {
    ...reason('CONCURRENCY_LIMIT'),
    message: 'Its organization may run 2 jobs at once, and 2 are under way.',
  }
  expect(messageOf({ code: 'CONCURRENCY_LIMIT' }, limit)).toMatch(/^Their organization may run 2 jobs/)
  const handler = {
    ...reason('HANDLER_MISSING'),
    message: 'No live worker of pool default has its handler pay: deploy workers that have it.',
  }
  expect(messageOf({ code: 'HANDLER_MISSING' }, handler)).toMatch(
    /^No live worker of pool default has their handler pay/,
  )
})

test('planned jobs say when the first of them starts, a circuit when one may try, and other jobs nothing', () => {
  expect(endOfPlace({ code: 'SCHEDULED' }, reason('SCHEDULED'), first)).toBe(first.toISOString())
  const circuit = reason('CIRCUIT_OPEN', { trialJobId: null, trialMayStartAt: '2026-11-29T02:39:00.000Z' })
  expect(endOfPlace({ code: 'CIRCUIT_OPEN' }, circuit, first)).toBe('2026-11-29T02:39:00.000Z')
  expect(endOfPlace({ code: 'BEHIND' }, reason('BEHIND'), first)).toBeUndefined()
})
