import { randomUUID } from 'node:crypto'
import { workerId } from '@/testing/engine'
import type { Side } from './isolation.fixture'

// What each procedure of the API is asked in isolation.db.test.ts: for things of the caller's own organization, and for
// things of another one.

/** What isolation.db.test.ts tries with one procedure. */
interface Row {
  /** Inputs with which a member asks about their own organization. Each answer must show something of it. */
  own?: (me: Side) => unknown[]
  /**
   * The same for procedures whose answers have only numbers or common settings, and show nothing of the organization
   * itself.
   */
  bare?: (me: Side) => unknown[]
  /** Inputs that name something of the other organization. */
  foreign?: (other: Side, me: Side) => unknown[]
  /** Inputs for system admins only. Everybody else is refused, whatever they name. */
  platform?: () => unknown[]
  /** Who of the callers that the test has (a VIEWER, an ADMIN, a person at the dashboard) may call it, if not all may. */
  only?: 'ADMIN' | 'person'
  /** Why none of the above is tried for this procedure. */
  apart?: 'has a test of its own' | 'takes nothing that could name another'
}

/** Filters that name the other organization, its people, its words or its jobs. */
const filters = (other: Side) => [
  { organizationId: other.organizationId },
  { submittedById: other.userId },
  { submittedById: other.keyId },
  { search: other.word },
  { search: other.jobs.completed },
  { args: [{ path: 'note', value: other.word }] },
  { bulkId: other.bulkId },
  { scheduleId: other.scheduleId },
  { requestId: other.requestId },
  { jobType: ['test.noop'], status: ['DEAD_LETTER'], search: other.word },
]
const ownFilters = (me: Side) => [
  undefined,
  { organizationId: me.organizationId },
  { status: ['RUNNING', 'DEAD_LETTER', 'FAILED', 'PENDING'] },
  { jobTypePrefix: 'test.' },
  { args: [{ path: 'order.id', value: 7 }] },
  { search: 'same both' },
  { errorFingerprint: 'broken' },
]
const byJob = {
  own: (me: Side) => Object.values(me.jobs).map((jobId) => ({ jobId })),
  foreign: (other: Side) => Object.values(other.jobs).map((jobId) => ({ jobId })),
}
const newJob = (me: Side, more: object = {}) => ({ organizationId: me.organizationId, jobType: 'test.noop', ...more })

/** From one hour ago to one hour from now. */
const today = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 3_600_000).toISOString(),
})
const cause = ({ organizationId }: Side) => ({ organizationId, jobType: 'test.noop', errorFingerprint: 'broken' })

const bySchedule = {
  own: ({ scheduleId }: Side) => [{ scheduleId }],
  foreign: ({ scheduleId }: Side) => [{ scheduleId }],
}
const byRule = {
  own: ({ ruleId }: Side) => [{ ruleId }],
  foreign: ({ ruleId }: Side) => [{ ruleId }],
}
const circuitRule = {
  name: 'Circuits',
  condition: { kind: 'CIRCUIT_OPENED' },
  targets: [{ type: 'mail', to: ['oncall@example.com'] }],
}
const yearly = { name: 'Yearly', jobType: 'test.noop', cron: '@yearly', timeZone: 'UTC' }

/** A bulk action that tries to reach the other organization's jobs, by their ids and by filters. */
const manyJobs: Row = {
  foreign: (other, me) => [
    { organizationId: other.organizationId, all: true },
    { organizationId: me.organizationId, jobIds: Object.values(other.jobs) },
    { organizationId: me.organizationId, filter: { submittedById: other.userId } },
    { organizationId: me.organizationId, filter: { search: other.word } },
    { organizationId: me.organizationId, filter: { organizationId: other.organizationId } },
    { organizationId: other.organizationId, all: true, dryRun: true },
    { organizationId: me.organizationId, jobIds: Object.values(other.jobs), dryRun: true },
    { organizationId: me.organizationId, filter: { search: other.word }, dryRun: true },
  ],
}

/** Every procedure of the router has a row. A test fails for one that has none. */
export const ROWS: { [procedure: string]: Row } = {
  'session.me': { own: () => [undefined] },
  'account.get': { only: 'person', bare: () => [undefined] },
  'account.changePassword': { apart: 'takes nothing that could name another' },
  'account.signOutEverywhere': { apart: 'takes nothing that could name another' },
  'attempts.progress': { apart: 'has a test of its own' },
  'attempts.complete': { apart: 'has a test of its own' },
  'attempts.fail': { apart: 'has a test of its own' },
  'jobs.submit': {
    foreign: (other, me) => [newJob(other), newJob(me, { dependsOn: [other.jobs.waiting], dedupe: false })],
  },
  'jobs.submitMany': {
    foreign: (other, me) => [
      { organizationId: other.organizationId, jobs: [{ jobType: 'test.noop' }] },
      { organizationId: me.organizationId, jobs: [{ jobType: 'test.noop', dependsOn: [other.jobs.completed] }] },
    ],
  },
  'jobs.rerun': { foreign: byJob.foreign },
  'jobs.get': byJob,
  'jobs.list': { own: (me) => [...ownFilters(me), { limit: 2 }], foreign: filters },
  'jobs.count': { bare: ownFilters, foreign: filters },
  'jobs.graph': { own: (me) => [{ jobId: me.jobs.waiting }, { jobId: me.jobs.child }], foreign: byJob.foreign },
  'jobs.parents': { own: (me) => [{ jobId: me.jobs.child }], foreign: byJob.foreign },
  'jobs.history': { own: (me) => [{ jobId: me.jobs.dead }], foreign: byJob.foreign },
  'jobs.attempts': { bare: (me) => [{ jobId: me.jobs.dead }], foreign: byJob.foreign },
  'jobs.logs': {
    own: (me) => [{ jobId: me.jobs.completed }, { jobId: me.jobs.running, attempt: 1 }],
    foreign: byJob.foreign,
  },
  'jobs.timeline': { bare: (me) => [{ jobId: me.jobs.completed }], foreign: byJob.foreign },
  'jobs.explain': { own: (me) => [{ jobId: me.jobs.waiting }, { jobId: me.jobs.child }], foreign: byJob.foreign },
  'jobs.cancel': { foreign: byJob.foreign },
  'jobs.retry': { foreign: byJob.foreign },
  'jobs.delete': { foreign: byJob.foreign },
  'jobs.update': { foreign: (other) => [{ jobId: other.jobs.waiting, changes: { priority: 'HIGH' } }] },
  'jobs.cancelMany': manyJobs,
  'jobs.retryMany': manyJobs,
  'jobs.deleteMany': manyJobs,
  'bulk.get': { own: (me) => [{ bulkId: me.bulkId }], foreign: (other) => [{ bulkId: other.bulkId }] },
  'bulk.list': {
    own: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'bulk.skipped': { bare: (me) => [{ bulkId: me.bulkId }], foreign: (other) => [{ bulkId: other.bulkId }] },
  'bulk.abort': { foreign: (other) => [{ bulkId: other.bulkId }] },
  'requests.create': {
    foreign: (other, me) => [
      { kind: 'PAUSE', organizationId: other.organizationId, reason: 'x' },
      { kind: 'CANCEL', organizationId: other.organizationId, jobIds: [other.jobs.waiting], reason: 'x' },
      { kind: 'CANCEL', organizationId: me.organizationId, jobIds: [other.jobs.waiting], reason: 'x' },
      { kind: 'CANCEL', organizationId: me.organizationId, filter: { requestId: other.requestId }, reason: 'x' },
      { kind: 'CANCEL', organizationId: me.organizationId, filter: { bulkId: other.bulkId }, reason: 'x' },
    ],
  },
  'requests.list': {
    only: 'ADMIN',
    own: (me) => [undefined, { organizationId: me.organizationId }, { forMe: true }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'requests.open': {
    only: 'ADMIN',
    bare: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'requests.get': {
    only: 'ADMIN',
    own: (me) => [{ requestId: me.requestId }],
    foreign: (other) => [{ requestId: other.requestId }],
  },
  'requests.preview': {
    only: 'ADMIN',
    bare: (me) => [{ requestId: me.requestId }],
    foreign: (other) => [{ requestId: other.requestId }],
  },
  'requests.decide': { foreign: (other) => [{ requestId: other.requestId, decision: 'fulfil' }] },
  'requests.withdraw': { foreign: (other) => [{ requestId: other.requestId }] },
  'jobs.watch': { apart: 'has a test of its own' },
  'alerts.list': {
    only: 'ADMIN',
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
    platform: () => [{ organizationId: null }],
  },
  'alerts.get': { only: 'ADMIN', ...byRule },
  'alerts.history': { only: 'ADMIN', ...byRule },
  'alerts.deliveries': { only: 'ADMIN', ...byRule },
  'alerts.create': {
    foreign: (other) => [{ organizationId: other.organizationId, ...circuitRule }],
    platform: () => [{ organizationId: null, ...circuitRule }],
  },
  'alerts.update': { foreign: (other) => [{ ruleId: other.ruleId, changes: { enabled: false } }] },
  'alerts.delete': { foreign: byRule.foreign },
  'alerts.test': { foreign: byRule.foreign },
  'schedules.list': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'schedules.day': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'schedules.get': bySchedule,
  'schedules.runs': bySchedule,
  'schedules.create': { foreign: (other) => [{ organizationId: other.organizationId, ...yearly }] },
  'schedules.update': { foreign: (other) => [{ scheduleId: other.scheduleId, changes: { enabled: false } }] },
  'schedules.delete': { foreign: bySchedule.foreign },
  'schedules.runNow': { foreign: bySchedule.foreign },
  'schedules.backfill': {
    foreign: (other) => [
      { scheduleId: other.scheduleId, from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' },
      { scheduleId: other.scheduleId, from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z', dryRun: true },
    ],
  },
  'schedules.preview': { bare: () => [{ cron: '@daily', timeZone: 'UTC' }] },
  'savedViews.list': {
    only: 'person',
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'savedViews.create': { foreign: (other) => [{ organizationId: other.organizationId, name: 'x', query: {} }] },
  'savedViews.update': { foreign: (other) => [{ viewId: other.viewId, changes: { shared: false } }] },
  'savedViews.delete': { foreign: (other) => [{ viewId: other.viewId }] },
  'jobTypes.list': {
    bare: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'jobTypes.get': { bare: () => [{ name: 'test.noop' }] },
  'jobTypes.versions': {
    bare: (me) => [
      { name: 'test.noop', unfinished: true },
      { name: 'test.noop', unfinished: true, organizationId: me.organizationId },
    ],
    foreign: (other) => [{ name: 'test.noop', organizationId: other.organizationId }],
  },
  'jobTypes.create': {
    platform: () => [
      { name: 'test.new', displayName: 'New', handler: 'sample.noop', parameterSchema: { type: 'object' } },
    ],
  },
  'jobTypes.update': { platform: () => [{ name: 'test.noop', changes: { maxRetries: 1 } }] },
  'metrics.overview': {
    bare: (me) => [{ range: '1h' }, { range: '30d', organizationId: me.organizationId }],
    foreign: (other) => [{ range: '1h', organizationId: other.organizationId }],
  },
  'metrics.timeseries': {
    bare: (me) => [{ range: '1h' }, { range: '30d', organizationId: me.organizationId }],
    foreign: (other) => [{ range: '1h', organizationId: other.organizationId }],
  },
  'metrics.platform': { platform: () => [undefined, { sort: 'load' }] },
  'metrics.byType': {
    bare: (me) => [{ range: '1h' }, { range: '30d', organizationId: me.organizationId }],
    foreign: (other) => [{ range: '1h', organizationId: other.organizationId }],
  },
  'deadLetters.groups': {
    own: (me) => [undefined, { organizationId: me.organizationId }, { jobType: 'test.noop' }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'deadLetters.figures': {
    bare: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'deadLetters.parametersInCommon': { bare: (me) => [cause(me)], foreign: (other) => [cause(other)] },
  'deadLetters.ignore': { foreign: (other) => [{ ...cause(other), perHour: 5, reason: 'x' }] },
  'deadLetters.unignore': { foreign: (other) => [cause(other)] },
  'metrics.waiting': {
    bare: (me) => [undefined, { organizationId: me.organizationId }, { jobType: 'test.noop', whatIf: { global: 1 } }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'metrics.failing': {
    own: (me) => [{ range: '1h' }, { range: '30d', organizationId: me.organizationId }],
    foreign: (other) => [{ range: '1h', organizationId: other.organizationId }],
  },
  'metrics.workers': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'metrics.fleet': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'metrics.stuck': {
    own: (me) => [undefined, { organizationId: me.organizationId }, { jobId: me.jobs.running }],
    foreign: (other) => [{ organizationId: other.organizationId }, { jobId: other.jobs.running }],
  },
  'metrics.marks': {
    own: (me) => [today(), { organizationId: me.organizationId, ...today() }],
    foreign: (other) => [{ organizationId: other.organizationId, ...today() }],
  },
  'workers.drain': { platform: () => [{ workerId }] },
  'control.list': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'control.pause': {
    foreign: (other) => [{ scope: 'organization', organizationId: other.organizationId }],
    platform: () => [{ scope: 'platform' }, { scope: 'jobType', jobType: 'test.noop' }],
  },
  'control.resume': {
    foreign: (other) => [{ scope: 'organization', organizationId: other.organizationId }],
    platform: () => [{ scope: 'platform' }, { scope: 'jobType', jobType: 'test.noop' }],
  },
  'circuits.list': {
    own: (me) => [undefined, { organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'circuits.close': { foreign: (other) => [{ organizationId: other.organizationId, jobType: 'test.noop' }] },
  'apiKeys.list': {
    only: 'ADMIN',
    own: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
    platform: () => [{ organizationId: null }],
  },
  'apiKeys.create': {
    foreign: (other) => [{ organizationId: other.organizationId, name: 'x', role: 'VIEWER' }],
    platform: () => [{ organizationId: null, name: 'x', role: 'VIEWER' }],
  },
  'apiKeys.revoke': {
    foreign: (other, me) => [
      { organizationId: other.organizationId, apiKeyId: other.keyId },
      { organizationId: me.organizationId, apiKeyId: other.keyId },
    ],
    platform: () => [{ organizationId: null, apiKeyId: randomUUID() }],
  },
  'audit.list': {
    only: 'ADMIN',
    own: (me) => [undefined, { organizationId: me.organizationId }, { action: 'organization.update' }],
    foreign: (other) => [
      { organizationId: other.organizationId },
      { actorId: other.userId },
      { targetId: other.organizationId },
    ],
    platform: () => [{ organizationId: null }],
  },
  'audit.get': {
    only: 'ADMIN',
    own: (me) => [{ id: me.auditId }],
    foreign: (other) => [{ id: other.auditId }],
  },
  'audit.actors': {
    only: 'ADMIN',
    own: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
    platform: () => [{ organizationId: null }],
  },
  'members.list': {
    own: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'members.invite': {
    foreign: (other) => [{ organizationId: other.organizationId, email: 'new@example.com', role: 'VIEWER' }],
  },
  'members.update': {
    foreign: (other, me) =>
      [other, me].map(({ organizationId }) => ({ organizationId, memberId: other.memberId, role: 'VIEWER' })),
  },
  'members.remove': {
    foreign: (other, me) => [other, me].map(({ organizationId }) => ({ organizationId, memberId: other.memberId })),
  },
  'members.decline': { apart: 'takes nothing that could name another' },
  'members.accept': { apart: 'takes nothing that could name another' },
  'organizations.get': {
    only: 'ADMIN',
    own: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'organizations.usage': {
    only: 'ADMIN',
    bare: (me) => [{ organizationId: me.organizationId }],
    foreign: (other) => [{ organizationId: other.organizationId }],
  },
  'organizations.create': { platform: () => [{ name: 'New', slug: 'new' }] },
  'organizations.update': {
    foreign: (other) => [{ organizationId: other.organizationId, changes: { name: 'Taken' } }],
  },
  'organizations.list': { platform: () => [undefined] },
  'organizations.suspend': { foreign: (other) => [{ organizationId: other.organizationId }] },
  'organizations.resume': { foreign: (other) => [{ organizationId: other.organizationId }] },
  'organizations.delete': { foreign: (other) => [{ organizationId: other.organizationId }] },
}
