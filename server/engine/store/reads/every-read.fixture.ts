import type { Db, Tx } from '@/server/db'
import { rescueLost } from '../../actions/attempts/lease'
import { dispatchRound, queuedForNoWorker, loadsOfCrew, longQueued } from '../../actions/attempts/dispatch'
import { sweepCircuits } from '../../actions/administration/circuits'
import { sweepDeletedOrganizations } from '../../actions/administration/organizations'
import { sweepRevokedKeys } from '../../actions/administration/revoked-keys'
import { sweepDependents } from '../../actions/jobs/dependents'
import { forecastBulk } from '../../actions/jobs/bulk-forecast'
import { startBulk } from '../../actions/jobs/bulk'
import { runBulks } from '../../actions/jobs/bulk-run'
import { indexJobs } from '../../actions/upkeep/index-jobs'
import { removeExpired } from '../../actions/upkeep/expiry'
import { pruneJobs } from '../../actions/upkeep/retention'
import { ANY_CREW } from '../../domain/crew'
import { idAt } from '../../domain/id-time'
import type { JobFilter } from '../../domain/job-filter'
import { systemActor, type Scope } from '../../domain/types'
import { foldUsage } from '../admission/usage'
import { notePeaks, prunePeaks } from '../usage-peaks'
import { parametersInCommon } from './common-parameters'
import { deadLetterFigures, deadLetterGroups } from './dead-letters'
import { placeAhead, readHistory, readProgress } from './events'
import { failingCauses } from './failing'
import { fleetOf } from './fleet'
import { installationFigures } from './installation-figures'
import { unfinishedByVersion } from './job-counts'
import { countJobs, listJobs } from './job-lists'
import { listMarks } from './marks'
import { metricsByType, metricsOverview, metricsTimeseries } from './metrics'
import { platformPage } from './platform'
import { pruneRollups, rollUp } from './rollups'
import { longestRun, stuckJobs } from './running'
import { usualRuns } from './usual-runs'
import { waitingSummary } from './waiting'

// Everything that is read from the jobs of many-jobs.fixture.ts, whose types, words and parameters are named here.
// Tests run each of these and count the rows that PostgreSQL reads for it.

/** One statement, or a few, that a page, a program or a process asks for. */
export interface Read {
  named: string
  /** It looks for words, for which more rows may be read. */
  words?: boolean
  run: (tx: Tx) => Promise<unknown>
}

const ago = (days: number) => new Date(Date.now() - days * 86_400_000)

/** What lists can be filtered by, alone and together. `days` is how far back jobs go. */
export function filters(days: number): { named: string; filter: JobFilter }[] {
  const statuses: { named: string; status?: JobFilter['status'] }[] = [
    { named: 'any' },
    { named: 'COMPLETED', status: ['COMPLETED'] },
    { named: 'DEAD_LETTER', status: ['DEAD_LETTER'] },
    { named: 'unfinished', status: ['PENDING', 'QUEUED', 'RUNNING', 'FAILED', 'TIMED_OUT'] },
    { named: 'RUNNING', status: ['RUNNING'] },
    { named: 'CANCELED, which none is,', status: ['CANCELED'] },
  ]
  const more: { named: string; filter: JobFilter }[] = [
    { named: '', filter: {} },
    { named: 'of a type', filter: { jobType: ['type.3'] } },
    { named: 'of two types', filter: { jobType: ['type.1', 'type.2'] } },
    { named: 'of a type that none has', filter: { jobType: ['type.none'] } },
    { named: 'of types that begin so', filter: { jobTypePrefix: 'type.' } },
    { named: 'of a priority', filter: { priority: ['CRITICAL'] } },
    { named: 'of a type and priority', filter: { jobType: ['type.3'], priority: ['CRITICAL'] } },
    { named: 'with a common word', filter: { search: 'common' } },
    { named: 'with a common word, of a type', filter: { search: 'common', jobType: ['type.3'] } },
    { named: 'with a word of every second one', filter: { search: 'half' } },
    { named: 'with a word of every twentieth', filter: { search: 'twentieth' } },
    { named: 'with a rare word', filter: { search: 'seldom' } },
    { named: 'with a common and a rare word', filter: { search: 'common seldom' } },
    { named: 'with a word that none has', filter: { search: 'nowhere' } },
    { named: 'with a word of an error', filter: { search: 'broken' } },
    { named: 'with a common title', filter: { title: 'common' } },
    { named: 'with a rare parameter', filter: { args: [{ path: 'number', value: 4711 }] } },
    { named: 'with a parameter of one in a hundred', filter: { args: [{ path: 'group', value: 7 }] } },
    { named: 'with a common parameter', filter: { args: [{ path: 'kind', value: 'common' }] } },
    { named: 'submitted lately', filter: { createdAfter: ago(days / 100) } },
    { named: 'submitted before the middle', filter: { createdBefore: ago(days / 2) } },
    {
      named: 'submitted before the middle, of a type',
      filter: { createdBefore: ago(days / 2), jobType: ['type.3'] },
    },
    { named: 'submitted within a stretch', filter: { createdAfter: ago(days / 2), createdBefore: ago(0.49 * days) } },
    { named: 'ended lately', filter: { endedAfter: ago(days / 100) } },
    { named: 'ended before the middle', filter: { endedBefore: ago(days / 2) } },
    { named: 'ended within a stretch', filter: { endedAfter: ago(days / 2), endedBefore: ago(0.49 * days) } },
    { named: 'failed lately', filter: { failedAfter: ago(days / 100) } },
    { named: 'failed within a stretch', filter: { failedAfter: ago(days / 2), failedBefore: ago(0.49 * days) } },
    { named: 'of a cause', filter: { errorFingerprint: 'broken-3' } },
    // By nobody: these jobs have no submitter, unless a test gives them one.
    { named: 'submitted by somebody', filter: { submittedById: '01900000-0000-7000-8000-00000000beef' } },
  ]
  const waiting: { named: string; filter: JobFilter }[] = [
    { named: 'waiting for long', filter: { waitingLongerThanSeconds: 3_600 } },
    { named: 'waiting for longer than any does', filter: { waitingLongerThanSeconds: 30 * 86_400 } },
    { named: 'waiting for long, of a type', filter: { waitingLongerThanSeconds: 3_600, jobType: ['type.3'] } },
    {
      named: 'waiting for longer than any does, of a type',
      filter: { waitingLongerThanSeconds: 30 * 86_400, jobType: ['type.3'] },
    },
    { named: 'waiting for a time', filter: { waitingFor: ['SCHEDULED'] } },
    { named: 'waiting for a worker', filter: { waitingFor: ['NO_WORKER'] } },
    { named: 'waiting for a retry', filter: { waitingFor: ['RETRY_BACKOFF'] } },
    { named: 'waiting for parents', filter: { waitingFor: ['WAITING_FOR_PARENTS'] } },
  ]
  return [
    ...statuses.flatMap(({ named, status }) =>
      more.map((one) => ({ named: `${named} ${one.named}`.trim(), filter: { status, ...one.filter } })),
    ),
    ...waiting,
  ]
}

const hasWords = ({ search, title }: JobFilter) => (search ?? title) !== undefined

/** The newest page, and one from the middle. */
export const pages = (scope: Scope, days: number): Read[] => [
  ...filters(days).map(({ named, filter }) => ({
    named: `list ${named}`,
    words: hasWords(filter),
    run: (tx: Tx) => listJobs(tx, { filter, limit: 25 }, scope),
  })),
  ...filters(days).map(({ named, filter }) => ({
    named: `list from the middle ${named}`,
    words: hasWords(filter),
    run: (tx: Tx) =>
      listJobs(
        tx,
        // Half of the days, in milliseconds.
        { filter, limit: 25, cursor: Buffer.from(idAt(Date.now() - days * 43_200_000)).toString('base64url') },
        scope,
      ),
  })),
]

export const counts = (scope: Scope, days: number): Read[] =>
  filters(days).map(({ named, filter }) => ({ named: `count ${named}`, run: (tx: Tx) => countJobs(tx, filter, scope) }))

/** Figures that pages and programs show of a scope. */
export function figures(scope: Scope): Read[] {
  const ranges = ['1h', '24h', '7d', '30d'] as const
  const organizationId = 'all' in scope ? undefined : scope.organizationIds[0]
  return [
    ...ranges.flatMap((range): Read[] => [
      { named: `metrics.overview ${range}`, run: (tx) => metricsOverview(tx, { range }, scope) },
      { named: `metrics.timeseries ${range}`, run: (tx) => metricsTimeseries(tx, { range }, scope) },
      { named: `metrics.byType ${range}`, run: (tx) => metricsByType(tx, { range, limit: 100 }, scope) },
      { named: `metrics.failing ${range}`, run: (tx) => failingCauses(tx, { range, limit: 25 }, scope) },
    ]),
    { named: 'metrics.waiting', run: (tx) => waitingSummary(tx, {}, scope) },
    { named: 'metrics.waiting of a type', run: (tx) => waitingSummary(tx, { jobType: 'type.3' }, scope) },
    ...('all' in scope
      ? ([
          { named: 'metrics.platform 1h', run: (tx) => platformPage(tx, { range: '1h', sort: 'outliers', limit: 25 }) },
          {
            named: 'metrics.platform 24h',
            run: (tx) => platformPage(tx, { range: '24h', sort: 'outliers', limit: 25 }),
          },
          { named: 'figures for Prometheus', run: (tx) => installationFigures(tx) },
        ] satisfies Read[])
      : []),
    { named: 'deadLetter.groups', run: (tx) => deadLetterGroups(tx, { limit: 25 }, scope) },
    {
      named: 'deadLetter.groups by count and cause',
      run: (tx) => deadLetterGroups(tx, { limit: 25, sort: 'count', by: 'cause', bucket: 'hour' }, scope),
    },
    {
      named: 'deadLetter.groups of a type',
      run: (tx) => deadLetterGroups(tx, { limit: 25, jobType: 'type.3' }, scope),
    },
    { named: 'deadLetter.figures', run: (tx) => deadLetterFigures(tx, scope) },
    { named: 'stuck jobs', run: (tx) => stuckJobs(tx, { limit: 25 }, scope) },
    { named: 'fleet', run: (tx) => fleetOf(tx, scope) },
    { named: 'longest run', run: (tx) => longestRun(tx, scope) },
    { named: 'unfinished by version', run: (tx) => unfinishedByVersion(tx, 'type.3', scope) },
    { named: 'marks', run: (tx) => listMarks(tx, { from: ago(30), to: new Date(), limit: 50 }, scope) },
    ...(organizationId
      ? ([
          {
            named: 'parameters in common',
            run: (tx) => parametersInCommon(tx, { organizationId, jobType: 'type.3', errorFingerprint: 'broken-3' }),
          },
          { named: 'usual runs', run: (tx) => usualRuns(tx, [{ organizationId, jobType: 'type.3' }]) },
          // Transaction 110 wrote the history of a thousand jobs. 2 ** 60 is above every number of a row or
          // transaction. No job has the id idAt(0).
          {
            named: 'watch: history',
            run: (tx) =>
              readHistory(tx, {
                after: { xid: 110n, id: 0n },
                upTo: { xid: 111n, id: 2n ** 60n },
                organizationIds: [organizationId],
                limit: 500,
              }),
          },
          {
            named: 'watch: history of a job',
            run: (tx) =>
              readHistory(tx, {
                after: { xid: 110n, id: 0n },
                upTo: { xid: 111n, id: 2n ** 60n },
                organizationIds: [organizationId],
                jobId: idAt(0),
                limit: 500,
              }),
          },
          {
            named: 'watch: place ahead',
            run: (tx) =>
              placeAhead(tx, { after: { xid: 110n, id: 0n }, upTo: { xid: 2n ** 60n, id: 0n }, rows: 2_000 }),
          },
          {
            named: 'watch: progress',
            run: (tx) => readProgress(tx, { organizationIds: [organizationId], limit: 500 }),
          },
        ] satisfies Read[])
      : []),
  ]
}

const actor = systemActor('test')

/** A bulk action's decision, its parts, and what would become of it. */
export const bulkSteps = (organizationId: string): Read[] =>
  (['CANCEL', 'RETRY', 'DELETE'] as const).flatMap((kind): Read[] => {
    const request = { kind, organizationId, selection: { filter: { jobType: ['type.3'] } } }
    return [
      { named: `forecast of ${kind}`, run: (tx) => forecastBulk(tx, request) },
      {
        named: `start of ${kind} and a part of it`,
        run: async (tx) => {
          await startBulk(tx, { ...request, role: 'ADMIN', actor, address: null })
          await runBulks(tx as Db, { forMs: 0 })
        },
      },
    ]
  })

/**
 * What the leader and the dispatchers ask again and again. They need a client, which opens transactions. Here they get
 * the transaction of the test in its place (`tx as Db`), in which each of them sets a savepoint.
 */
export const duties: Read[] = [
  { named: 'lost attempts', run: (tx) => rescueLost(tx as Db) },
  { named: 'lost messages', run: (tx) => longQueued(tx as Db, 5) },
  { named: 'jobs left behind by crews', run: (tx) => queuedForNoWorker(tx as Db) },
  { named: 'circuits', run: (tx) => sweepCircuits(tx as Db) },
  { named: 'dependents', run: (tx) => sweepDependents(tx) },
  { named: 'deleted organizations', run: (tx) => sweepDeletedOrganizations(tx as Db) },
  { named: 'revoked keys', run: (tx) => sweepRevokedKeys(tx as Db) },
  { named: 'usage', run: (tx) => foldUsage(tx as Db) },
  { named: 'peaks', run: (tx) => notePeaks(tx as Db) },
  { named: 'old peaks', run: (tx) => prunePeaks(tx as Db) },
  { named: 'expired rows', run: (tx) => removeExpired(tx as Db, null) },
  { named: 'rollups', run: (tx) => rollUp(tx as Db, { patienceMs: 0 }) },
  { named: 'old rollups', run: (tx) => pruneRollups(tx as Db) },
  { named: 'retention', run: (tx) => pruneJobs(tx as Db, null) },
  { named: 'titles', run: (tx) => indexJobs(tx, null) },
  { named: 'load of the queues', run: (tx) => loadsOfCrew(tx, ANY_CREW) },
  { named: 'a dispatch of 200', run: (tx) => dispatchRound(tx as Db, { INLINE: 200, ISOLATED: 200 }) },
]
