import { expect, test } from 'vitest'
import type { Json } from '../types'
import { actionLabel, AUDIT_ACTIONS, auditSentence, type AuditAction } from './actions'

const dana = { type: 'user', id: 'u1', name: 'Dana' } as const
const said = (
  action: AuditAction,
  targetType: string,
  targetId: string,
  before: Json = null,
  after: Json = null,
  organization: string | null = 'Acme',
) => auditSentence({ action, actor: dana, targetType, targetId, organization, before, after })
const ofType = (before: Json, after: Json) => said('jobType.update', 'jobType', 'report.monthly', before, after, null)

test('a limit that somebody changed is told with both values', () => {
  const limit = (global: number | null) => ({ concurrency: { global, perOrganization: null }, version: 3 })
  expect(ofType(limit(2), limit(5))).toBe("Dana set report.monthly's limit from 2 to 5")
  expect(ofType(limit(2), limit(null))).toBe("Dana set report.monthly's limit from 2 to no limit")
  expect(said('organization.update', 'organization', 'o', { maxUnfinished: 100_000 }, { maxUnfinished: 0 })).toBe(
    "Dana set Acme's limit of unfinished jobs from 100,000 to 0",
  )
})

test('the limit in each organization is told apart from the limit over all', () => {
  const halves = (perOrganization: number) => ({ concurrency: { global: 9, perOrganization } })
  expect(ofType(halves(1), halves(2))).toBe("Dana set report.monthly's limit in each organization from 1 to 2")
})

test('several settings are named, many are counted, and long texts are not repeated', () => {
  expect(ofType({ description: 'a' }, { description: 'b' })).toBe("Dana changed report.monthly's description")
  expect(ofType({ timeoutSeconds: 1, maxRetries: 1 }, { timeoutSeconds: 2, maxRetries: 2 })).toBe(
    "Dana changed report.monthly's timeout and retries",
  )
  const four = (n: number) => ({ timeoutSeconds: n, maxRetries: n, retentionDays: n, priority: `P${n}` })
  expect(ofType(four(1), four(2))).toBe('Dana changed 4 settings of report.monthly')
})

test('a job type that somebody disabled is said to be disabled, not to have a changed setting', () => {
  expect(ofType({ version: 1, enabled: true }, { version: 2, enabled: false })).toBe(
    'Dana disabled the job type report.monthly',
  )
})

test('an organization that was renamed is called by both names', () => {
  expect(said('organization.update', 'organization', 'o', { name: 'Old' }, { name: 'New' })).toBe(
    'Dana renamed Old to New',
  )
})

test('a bulk action is told by what it does and to how many jobs', () => {
  expect(said('job.retryMany', 'organization', 'o', null, { retried: ['a'] })).toBe('Dana retried 1 job')
  const asked = { askedBy: { type: 'user', id: 'u2', name: 'Olga' } }
  const small = { matched: 2, bulkId: 'b', part: 1, parts: 1, retried: ['a', 'b'] }
  expect(said('job.retryMany', 'bulk', 'b', null, small)).toBe('Dana retried 2 jobs')
  expect(said('job.retryMany', 'bulk', 'b', null, { ...small, ...asked })).toBe('Dana retried 2 jobs, as Olga asked')
  const part = { matched: 1200, bulkId: 'b', part: 2, parts: 3, deleted: ['a'] }
  expect(said('job.deleteMany', 'bulk', 'b', null, part)).toBe('Dana deleted 1 of 1,200 jobs')
  expect(said('job.cancelMany', 'bulk', 'b', null, { matched: 1234 })).toBe('Dana began to cancel 1,234 jobs')
  expect(said('bulk.abort', 'bulk', 'b', null, { action: 'DELETE', matched: 20, processed: 5 })).toBe(
    'Dana stopped deleting jobs after 5 of 20 jobs',
  )
})

test('a pause is told by what it holds, and another reason of it is told apart', () => {
  expect(said('control.pause', 'platform', 'platform', null, { paused: true }, null)).toBe('Dana paused the platform')
  expect(said('control.pause', 'organization', 'o', { paused: true, reason: 'x' }, { paused: true })).toBe(
    'Dana gave the pause of Acme another reason',
  )
})

test('people and keys are called by the names that they had', () => {
  const member = (role: string) => ({ email: 'bob@example.com', name: 'Bob', role })
  expect(said('member.update', 'member', 'm', member('VIEWER'), member('ADMIN'))).toBe(
    'Dana changed the role of Bob from VIEWER to ADMIN',
  )
  expect(said('member.invite', 'invitation', 'i', null, { email: 'new@example.com', name: null, role: 'VIEWER' })).toBe(
    'Dana invited new@example.com as VIEWER',
  )
  expect(said('apiKey.revoke', 'apiKey', 'k', { name: 'Shop' }, {})).toBe('Dana revoked the API key Shop')
})

test('a key and Jobyard itself are told apart from people', () => {
  const facts = { targetType: 'organization', targetId: 'o', organization: 'Acme', before: null, after: null }
  const by = (actor: { type: 'key' | 'system'; id: string | null; name: string }) =>
    auditSentence({ ...facts, action: 'control.resume', actor })
  expect(by({ type: 'key', id: 'k', name: 'Shop' })).toBe('The API key Shop let Acme go on')
  expect(by({ type: 'system', id: null, name: 'maintenance' })).toBe('Jobyard (maintenance) let Acme go on')
})

test('what only happens is told without the part of Jobyard that noticed it', () => {
  const after = { state: 'OPEN', failures: 12, outcomes: 15 }
  expect(said('circuit.open', 'circuit', 'orders.sync', null, after)).toBe(
    'The circuit of orders.sync opened: 12 of 15 attempts failed',
  )
  expect(said('worker.version', 'worker', 'w', null, { version: '0.1.0', commit: '8806480' }, null)).toBe(
    'Workers run version 0.1.0 (8806480)',
  )
})

test('a request is told by what is asked for, and a fulfilled one by who asked', () => {
  const after = { kind: 'RETRY', matched: 3, askedBy: { type: 'user', id: 'u2', name: 'Olga' } }
  expect(said('request.create', 'request', 'r', null, after)).toBe('Dana asked an admin to retry 3 jobs')
  expect(said('request.fulfil', 'request', 'r', null, after)).toBe('Dana fulfilled the request of Olga to retry 3 jobs')
  expect(said('request.decline', 'request', 'r', null, { kind: 'PAUSE', jobType: 'a.b' })).toBe(
    'Dana declined the request to pause a.b',
  )
})

/** Acts whose sentence does not begin with a person. */
const HAPPENED: readonly string[] = ['circuit.open', 'worker.version']

test('every act makes a sentence, also of an entry that holds nothing that it expects', () => {
  for (const { action, label } of AUDIT_ACTIONS) {
    for (const odd of [null, {}, [], 'text', 7, { name: 7, enabled: 'x', concurrency: [] }] as Json[]) {
      const sentence = said(action, 'x', '0123456789', odd, odd, null)
      if (!HAPPENED.includes(action)) expect(sentence, action).toMatch(/^Dana \S+/)
      expect(sentence, action).not.toBe('')
      expect(sentence, action).not.toMatch(/undefined|null|NaN|\[object/)
    }
    expect(label).not.toBe('')
  }
})

test('an act that a later version wrote is told by its own name', () => {
  const later = { action: 'moon.land', actor: dana, targetType: 'moon', targetId: '0123456789', organization: null }
  expect(auditSentence({ ...later, before: null, after: null })).toBe('Dana did moon.land to moon 23456789')
  expect(actionLabel('moon.land')).toBe('moon.land')
  expect(actionLabel('constructor')).toBe('constructor')
})
