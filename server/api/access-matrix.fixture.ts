import type { Action } from '@/server/auth/access'

// One row for each procedure tells how it is called, and which action of the access table it needs. What each role gets
// follows from the table (access-matrix.db.test.ts).

/**
 * Makes the objects that a row is tried on, in one organization or, where a function takes null, on the platform. Every
 * call of a function makes a new one. Only `circuit` opens the same again.
 */
export interface Objects {
  organizationId: string
  /** A job of the organization, submitted by the caller or by somebody else. It is PENDING, or CANCELED on request. */
  job: (as?: 'canceled') => Promise<string>
  /** The id of an API key of the organization, or of the platform for null. It has no jobs. */
  apiKey: (organizationId: string | null) => Promise<string>
  /** Opens a circuit of `test.noop` in the organization. */
  circuit: () => Promise<void>
  /** The id of another member. */
  member: () => Promise<string>
  /** The id of a bulk action that is still running, requested by the caller or by somebody else. */
  bulk: () => Promise<string>
  /**
   * The id of an open request, made by the caller or by somebody else. It asks to cancel a job or to pause the
   * organization.
   */
  request: (kind?: 'CANCEL' | 'PAUSE') => Promise<string>
  /** The id of a shared saved view, made by the caller or by somebody else. */
  view: () => Promise<string>
  /** The id of a schedule of the organization. */
  schedule: () => Promise<string>
  /** The id of an alert rule of the organization, or of the platform for null. */
  rule: (organizationId: string | null) => Promise<string>
  /** The id of an entry in the audit of the organization. */
  auditEntry: () => Promise<string>
  /** The id of a live worker. */
  worker: () => Promise<string>
  /** A name that nobody has taken. */
  fresh: () => string
}

export interface Row {
  /** Tells rows of the same procedure apart. */
  case?: string
  /**
   * The action that the procedure needs. `where` tells in which place. The default is the organization of its objects,
   * and strangers get NOT_FOUND there. `anybody`: any caller. `session`: a person at the dashboard, and no key.
   * `attempt`: the holder of an attempt's token, which none of the callers is. `nothing`: not even a caller.
   */
  needs: Action | 'anybody' | 'session' | 'attempt' | 'nothing'
  where?: 'organization' | 'platform' | 'anywhere'
  /** The call names something of the platform by its id, and those who may not see it get NOT_FOUND. */
  hidden?: true
  /** True if a role that may act on its own objects is let in and does what it can. */
  ownIsEnough?: true
  /** The reason of a later refusal, for callers who are let in but get no answer. */
  then?: string
  /** What keys of organizations get instead, even if their role is enough. */
  keysGet?: 'NOT_PERMITTED'
  /** No key is let in, whatever its role is. */
  peopleOnly?: true
  input: (objects: Objects) => unknown
}

const inOrganization = ({ organizationId }: Objects) => ({ organizationId })
const ofJob = async ({ job }: Objects) => ({ jobId: await job() })
const ofEndedJob = async ({ job }: Objects) => ({ jobId: await job('canceled') })
const ofNoCause = ({ organizationId }: Objects) => ({ organizationId, jobType: 'test.noop', errorFingerprint: 'none' })
const ofSchedule = async ({ schedule }: Objects) => ({ scheduleId: await schedule() })
/** A procedure that takes the id of an alert rule: of the organization, and of the platform. */
const withRule = (more: object = {}): Row[] => [
  {
    needs: 'alerts.manage',
    input: async ({ organizationId, rule }) => ({ ruleId: await rule(organizationId), ...more }),
  },
  {
    case: 'platform',
    needs: 'platform.alerts',
    where: 'platform',
    hidden: true,
    input: async ({ rule }) => ({ ruleId: await rule(null), ...more }),
  },
]
const circuitRule = { condition: { kind: 'CIRCUIT_OPENED' }, targets: [{ type: 'mail', to: ['oncall@example.com'] }] }
const nothing = () => undefined
const aDay = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' }
const schema = { type: 'object' }

export const ROWS: Record<string, Row | Row[]> = {
  'session.me': { needs: 'anybody', input: nothing },

  'account.get': { needs: 'session', input: nothing },
  'account.changePassword': {
    needs: 'session',
    then: 'INVALID_INPUT',
    input: () => ({ currentPassword: 'a wrong one', newPassword: 'seven ducks on a pond' }),
  },
  'account.signOutEverywhere': { needs: 'session', input: () => ({}) },

  'jobs.submit': {
    needs: 'jobs.submit',
    input: ({ organizationId }) => ({ organizationId, jobType: 'test.noop', dedupe: false }),
  },
  'jobs.submitMany': {
    needs: 'jobs.submit',
    input: ({ organizationId }) => ({ organizationId, jobs: [{ jobType: 'test.noop', dedupe: false }] }),
  },
  'jobs.rerun': { needs: 'jobs.submit', input: ofEndedJob },
  'jobs.get': { needs: 'jobs.read', input: ofJob },
  'jobs.list': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'jobs.count': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'jobs.graph': { needs: 'jobs.read', input: ofJob },
  'jobs.parents': { needs: 'jobs.read', input: ofJob },
  'jobs.history': { needs: 'jobs.read', input: ofJob },
  'jobs.attempts': { needs: 'jobs.read', input: ofJob },
  'jobs.logs': { needs: 'jobs.read', input: ofJob },
  'jobs.timeline': { needs: 'jobs.read', input: ofJob },
  'jobs.explain': { needs: 'jobs.read', input: ofJob },
  'jobs.cancel': { needs: 'jobs.cancel', input: ofJob },
  'jobs.retry': { needs: 'jobs.retry', input: ofEndedJob },
  'jobs.delete': { needs: 'jobs.delete', input: ofEndedJob },
  'jobs.cancelMany': {
    needs: 'jobs.cancel',
    ownIsEnough: true,
    input: async ({ organizationId, job }) => ({ organizationId, jobIds: [await job()] }),
  },
  'jobs.retryMany': {
    needs: 'jobs.retry',
    input: async ({ organizationId, job }) => ({ organizationId, jobIds: [await job('canceled')] }),
  },
  'jobs.deleteMany': {
    needs: 'jobs.delete',
    input: async ({ organizationId, job }) => ({ organizationId, jobIds: [await job('canceled')] }),
  },
  'jobs.update': {
    needs: 'jobs.update',
    input: async ({ job }) => ({ jobId: await job(), changes: { priority: 'HIGH' } }),
  },
  // A cursor that does not exist makes the stream begin with an event at once.
  'jobs.watch': { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, lastEventId: 'nowhere' }) },

  'bulk.get': { needs: 'jobs.read', input: async ({ bulk }) => ({ bulkId: await bulk() }) },
  'bulk.list': { needs: 'jobs.read', input: inOrganization },
  'bulk.skipped': { needs: 'jobs.read', input: async ({ bulk }) => ({ bulkId: await bulk() }) },
  'bulk.abort': { needs: 'bulk.abort', input: async ({ bulk }) => ({ bulkId: await bulk() }) },

  'requests.create': {
    needs: 'requests.create',
    input: async ({ organizationId, job }) => ({
      kind: 'CANCEL',
      organizationId,
      jobIds: [await job()],
      reason: 'Please',
    }),
  },
  'requests.list': { needs: 'requests.read', ownIsEnough: true, input: inOrganization },
  'requests.open': { needs: 'requests.read', ownIsEnough: true, input: inOrganization },
  'requests.get': { needs: 'requests.read', input: async ({ request }) => ({ requestId: await request() }) },
  'requests.preview': { needs: 'requests.decide', input: async ({ request }) => ({ requestId: await request() }) },
  'requests.decide': [
    {
      case: 'fulfil, jobs',
      needs: 'requests.decide',
      input: async ({ request }) => ({ requestId: await request(), decision: 'fulfil' }),
    },
    {
      case: 'fulfil, pause',
      needs: 'requests.decide',
      input: async ({ request }) => ({ requestId: await request('PAUSE'), decision: 'fulfil' }),
    },
    {
      case: 'decline',
      needs: 'requests.decide',
      input: async ({ request }) => ({ requestId: await request(), decision: 'decline', reason: 'Not now' }),
    },
  ],
  'requests.withdraw': { needs: 'requests.withdraw', input: async ({ request }) => ({ requestId: await request() }) },

  'attempts.progress': { needs: 'attempt', input: () => ({ percent: 50 }) },
  'attempts.complete': { needs: 'attempt', input: () => ({}) },
  'attempts.fail': { needs: 'attempt', input: () => ({ message: 'It broke' }) },

  'savedViews.list': [
    { needs: 'savedViews.use', peopleOnly: true, input: inOrganization },
    { case: 'of all', needs: 'session', input: nothing },
  ],
  'savedViews.create': {
    needs: 'savedViews.use',
    peopleOnly: true,
    input: ({ organizationId, fresh }) => ({ organizationId, name: fresh(), query: {} }),
  },
  // Only its maker may change a view, whatever the caller's role is.
  'savedViews.update': {
    needs: 'savedViews.use',
    peopleOnly: true,
    then: 'NOT_PERMITTED',
    input: async ({ view }) => ({ viewId: await view(), changes: { shared: false } }),
  },
  'savedViews.delete': {
    needs: 'savedViews.delete',
    peopleOnly: true,
    input: async ({ view }) => ({ viewId: await view() }),
  },

  'jobTypes.list': [
    { needs: 'jobTypes.read', input: inOrganization },
    { case: 'of all', needs: 'jobTypes.read', where: 'anywhere', input: nothing },
  ],
  'jobTypes.get': { needs: 'jobTypes.read', where: 'anywhere', input: () => ({ name: 'test.noop' }) },
  'jobTypes.versions': [
    { needs: 'jobTypes.read', input: ({ organizationId }) => ({ name: 'test.noop', organizationId }) },
    { case: 'of all', needs: 'jobTypes.read', where: 'anywhere', input: () => ({ name: 'test.noop' }) },
  ],
  'jobTypes.create': {
    needs: 'jobTypes.write',
    where: 'platform',
    input: ({ fresh }) => ({ name: fresh(), displayName: 'New', handler: 'sample.noop', parameterSchema: schema }),
  },
  'jobTypes.update': {
    needs: 'jobTypes.write',
    where: 'platform',
    input: ({ fresh }) => ({ name: 'test.noop', changes: { description: fresh() } }),
  },

  'metrics.overview': [
    { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, range: '1h' }) },
    { case: 'of all', needs: 'anybody', input: () => ({ range: '1h' }) },
  ],
  'metrics.byType': [
    { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, range: '1h' }) },
    { case: 'of all', needs: 'anybody', input: () => ({ range: '1h' }) },
  ],
  'metrics.platform': { needs: 'organizations.read', where: 'platform', input: nothing },
  'metrics.timeseries': [
    { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, range: '1h' }) },
    { case: 'of all', needs: 'anybody', input: () => ({ range: '1h' }) },
  ],
  'deadLetters.groups': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],

  'deadLetters.figures': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'deadLetters.parametersInCommon': { needs: 'jobs.read', input: ofNoCause },
  'deadLetters.ignore': {
    needs: 'deadLetters.ignore',
    then: 'NOT_FOUND',
    input: (objects) => ({ ...ofNoCause(objects), perHour: 5, reason: 'Known' }),
  },
  'deadLetters.unignore': { needs: 'deadLetters.ignore', input: ofNoCause },
  'metrics.waiting': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'metrics.failing': [
    { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, range: '1h' }) },
    { case: 'of all', needs: 'anybody', input: () => ({ range: '1h' }) },
  ],

  'metrics.workers': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'metrics.fleet': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'metrics.stuck': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'metrics.marks': [
    { needs: 'jobs.read', input: ({ organizationId }) => ({ organizationId, ...aDay }) },
    { case: 'of all', needs: 'anybody', input: () => aDay },
  ],
  'workers.drain': {
    needs: 'workers.drain',
    where: 'platform',
    input: async ({ worker }) => ({ workerId: await worker() }),
  },

  'control.pause': [
    {
      case: 'organization',
      needs: 'organization.pause',
      input: ({ organizationId }) => ({ scope: 'organization', organizationId }),
    },
    {
      case: 'job type',
      needs: 'jobType.pause',
      where: 'platform',
      input: () => ({ scope: 'jobType', jobType: 'test.noop' }),
    },
    { case: 'platform', needs: 'platform.pause', where: 'platform', input: () => ({ scope: 'platform' }) },
  ],
  'control.resume': [
    {
      case: 'organization',
      needs: 'organization.pause',
      input: ({ organizationId }) => ({ scope: 'organization', organizationId }),
    },
    {
      case: 'job type',
      needs: 'jobType.pause',
      where: 'platform',
      input: () => ({ scope: 'jobType', jobType: 'test.noop' }),
    },
    { case: 'platform', needs: 'platform.pause', where: 'platform', input: () => ({ scope: 'platform' }) },
  ],
  'control.list': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],

  'circuits.list': [
    { needs: 'jobs.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'circuits.close': {
    needs: 'circuits.close',
    input: async ({ organizationId, circuit }) => {
      await circuit()
      return { organizationId, jobType: 'test.noop' }
    },
  },

  'organizations.list': { needs: 'organizations.read', where: 'platform', input: nothing },
  'organizations.usage': { needs: 'organization.read', input: inOrganization },
  'organizations.get': { needs: 'organization.read', input: inOrganization },
  'organizations.create': {
    needs: 'organizations.write',
    where: 'platform',
    input: ({ fresh }) => ({ name: `New ${fresh()}`, slug: fresh() }),
  },
  'organizations.update': [
    {
      case: 'name',
      needs: 'organization.rename',
      input: ({ organizationId, fresh }) => ({ organizationId, changes: { name: fresh() } }),
    },
    {
      case: 'time zone',
      needs: 'organization.rename',
      input: ({ organizationId }) => ({ organizationId, changes: { timeZone: 'Asia/Tokyo' } }),
    },
    {
      case: 'short name',
      needs: 'organizations.write',
      input: ({ organizationId, fresh }) => ({ organizationId, changes: { slug: fresh() } }),
    },
    {
      case: 'limits',
      needs: 'organizations.write',
      input: ({ organizationId }) => ({ organizationId, changes: { maxConcurrent: 0, maxUnfinished: null } }),
    },
  ],
  'organizations.suspend': { needs: 'organizations.write', input: inOrganization },
  'organizations.resume': { needs: 'organizations.write', input: inOrganization },
  'organizations.delete': { needs: 'organizations.write', input: inOrganization },

  'members.list': { needs: 'members.read', input: inOrganization },
  'members.invite': {
    needs: 'members.write',
    keysGet: 'NOT_PERMITTED',
    input: ({ organizationId, fresh }) => ({ organizationId, email: `${fresh()}@example.com`, role: 'ADMIN' }),
  },
  'members.update': [
    {
      case: 'up',
      needs: 'members.write',
      keysGet: 'NOT_PERMITTED',
      input: async ({ organizationId, member }) => ({ organizationId, memberId: await member(), role: 'ADMIN' }),
    },
    {
      case: 'down',
      needs: 'members.write',
      input: async ({ organizationId, member }) => ({ organizationId, memberId: await member(), role: 'VIEWER' }),
    },
  ],
  'members.remove': {
    needs: 'members.write',
    input: async ({ organizationId, member }) => ({ organizationId, memberId: await member() }),
  },
  'members.accept': { needs: 'nothing', then: 'NOT_FOUND', input: () => ({ token: 'x'.repeat(43) }) },
  'members.decline': { needs: 'session', then: 'NOT_FOUND', input: () => ({ token: 'x'.repeat(43) }) },

  'apiKeys.list': [
    { needs: 'apiKeys.manage', input: inOrganization },
    { case: 'platform', needs: 'platform.keys', where: 'platform', input: () => ({ organizationId: null }) },
  ],
  'apiKeys.create': [
    {
      needs: 'apiKeys.manage',
      keysGet: 'NOT_PERMITTED',
      input: ({ organizationId }) => ({ organizationId, name: 'New', role: 'ADMIN' }),
    },
    {
      case: 'platform',
      needs: 'platform.keys',
      where: 'platform',
      input: () => ({ organizationId: null, name: 'New', role: 'SYSTEM_ADMIN' }),
    },
  ],
  'apiKeys.revoke': [
    {
      needs: 'apiKeys.manage',
      input: async ({ organizationId, apiKey }) => ({ organizationId, apiKeyId: await apiKey(organizationId) }),
    },
    {
      case: 'platform',
      needs: 'platform.keys',
      where: 'platform',
      input: async ({ apiKey }) => ({ organizationId: null, apiKeyId: await apiKey(null) }),
    },
  ],

  'alerts.list': [
    { needs: 'alerts.manage', input: inOrganization },
    { case: 'platform', needs: 'platform.alerts', where: 'platform', input: () => ({ organizationId: null }) },
    { case: 'of all', needs: 'alerts.manage', where: 'anywhere', input: nothing },
  ],
  'alerts.get': withRule(),
  'alerts.history': withRule(),
  'alerts.deliveries': withRule(),
  'alerts.create': [
    {
      needs: 'alerts.manage',
      input: ({ organizationId, fresh }) => ({ organizationId, name: fresh(), ...circuitRule }),
    },
    {
      case: 'platform',
      needs: 'platform.alerts',
      where: 'platform',
      input: ({ fresh }) => ({ organizationId: null, name: fresh(), ...circuitRule }),
    },
  ],
  'alerts.update': withRule({ changes: { enabled: false } }),
  'alerts.delete': withRule(),
  'alerts.test': withRule(),

  'schedules.list': [
    { needs: 'schedules.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'schedules.day': [
    { needs: 'schedules.read', input: inOrganization },
    { case: 'of all', needs: 'anybody', input: nothing },
  ],
  'schedules.get': { needs: 'schedules.read', input: ofSchedule },
  'schedules.runs': { needs: 'schedules.read', input: ofSchedule },
  'schedules.preview': { needs: 'anybody', input: () => ({ cron: '@daily', timeZone: 'UTC' }) },
  'schedules.create': {
    needs: 'schedules.manage',
    input: ({ organizationId, fresh }) => ({
      organizationId,
      name: fresh(),
      jobType: 'test.noop',
      cron: '@yearly',
      timeZone: 'UTC',
    }),
  },
  'schedules.update': {
    needs: 'schedules.manage',
    input: async ({ schedule }) => ({ scheduleId: await schedule(), changes: { enabled: false } }),
  },
  'schedules.delete': { needs: 'schedules.manage', input: ofSchedule },
  'schedules.runNow': { needs: 'schedules.run', input: ofSchedule },
  'schedules.backfill': {
    needs: 'schedules.manage',
    input: async ({ schedule }) => ({ scheduleId: await schedule(), ...aDay }),
  },

  'audit.list': [
    { needs: 'audit.read', input: inOrganization },
    { case: 'of all', needs: 'audit.read', where: 'anywhere', input: nothing },
    { case: 'platform', needs: 'platform.audit', where: 'platform', input: () => ({ organizationId: null }) },
  ],
  'audit.get': { needs: 'audit.read', input: async ({ auditEntry }) => ({ id: await auditEntry() }) },
  'audit.actors': [
    { needs: 'audit.read', input: inOrganization },
    { case: 'platform', needs: 'platform.audit', where: 'platform', input: () => ({ organizationId: null }) },
  ],
}
