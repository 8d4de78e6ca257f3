/**
 * The reads of the engine. Every function takes a scope, or is called after the caller's right was checked, or finds out
 * who calls. Only what belongs to that writes: `noteKeyUse` and the counters of sign-in attempts.
 */
export { countJobs, listJobs, type ListedJob } from './store/reads/job-lists'
export {
  findArtifact,
  jobAttempts,
  jobHistory,
  jobLogs,
  type HistoryItem,
  type LogLine,
} from './store/reads/job-details'
export { jobGraph } from './store/reads/job-graph'
export { jobTimeline } from './store/reads/job-timeline'
export {
  alertDeliveries,
  alertHistory,
  getAlertRule,
  listAlertRules,
  type AlertRuleView,
  type AlertView,
  type DeliveryView,
} from './store/reads/alerts'
export { noRule, organizationOfRule } from './store/alerts/rules'
export { listParents } from './store/reads/parents'
export { jobOwner, listOrganizations, organizationExists } from './store/reads/access'
export { installationFigures, type InstallationFigures, type PoolFigures } from './store/reads/installation-figures'
export { deadJobs, type DeadJob } from './store/reads/dead-jobs'
export { unfinishedByVersion, unfinishedOfOlder } from './store/reads/job-counts'
export { getJobType, getJobTypeVersion, listJobTypes, listJobTypeVersions } from './store/administration/job-types'
export type { JobTypeChanges, NewJobType } from './domain/job-type-config'
export { explainJob } from './actions/jobs/explain'
export type { WaitingReason } from './domain/waiting-reasons'
export { listPauses, type ListedPause, type PauseTarget, type PauseView } from './store/administration/pauses'
export { listCircuits, type CircuitView, type ListedCircuit } from './store/administration/circuits'
export { keysOfPrefixes, noteKeyUse, ownAccount, userOfEmail, userOfSession } from './store/administration/callers'
export {
  lockCounters,
  takeBackFailure,
  writeCounters,
  type SignInCounter,
} from './store/administration/sign-in-attempts'
export { listApiKeys, type ApiKeyView } from './store/administration/api-keys'
export { getAudit, listAudit, listAuditActors, type AuditEventView } from './store/reads/audit-log'
export { organizationUsage, type LimitUsage, type OrganizationUsage } from './store/usage-peaks'
export { getOrganization, pageOfOrganizations, type OrganizationView } from './store/administration/organizations'
export { findSavedView, listSavedViews, type SavedView } from './store/administration/saved-views'
export { listMembers, type MemberView } from './store/administration/members'
export {
  findInvitation,
  findStandingInvitation,
  INVITATION_DAYS,
  type OpenInvitation,
} from './store/administration/invitations'
export { deadLetterFigures, deadLetterGroups } from './store/reads/dead-letters'
export { failingCauses } from './store/reads/failing'
export { parametersInCommon } from './store/reads/common-parameters'
export { metricsByType, metricsOverview, metricsTimeseries, type TypeMetrics } from './store/reads/metrics'
export type { MetricsRange, MetricsTime } from './domain/metrics-time'
export { waitingSummary } from './store/reads/waiting'
export {
  platformPage,
  PLATFORM_SORTS,
  type PlatformRange,
  type PlatformRow,
  type PlatformSort,
} from './store/reads/platform'
export type { OutlierMark } from './domain/outliers'
export type { Spread } from './store/reads/measures'
export { listWorkers, type WorkerView } from './store/reads/workers'
export { stuckJobs, type RunningJob } from './store/reads/running'
export { fleetOf } from './store/reads/fleet'
export { listMarks } from './store/reads/marks'
export { getBulk, listBulks, skippedItems } from './store/bulk'
export type { BulkForecast } from './domain/forecast'
export {
  aboutJobs,
  paceOf,
  type ActKind,
  type BulkKind,
  type BulkResult,
  type BulkStatus,
  type BulkView,
  type Selection,
  type Skipped,
} from './domain/bulk'
export { scheduleDay, type ScheduleDay } from './store/reads/schedule-day'
export {
  getSchedule,
  listRuns,
  listSchedules,
  SCHEDULE_STATES,
  type RunView,
  type ScheduleView,
} from './store/reads/schedules'
export { noSchedule, scheduleOwner } from './store/schedules'
export { countOpenRequests, getRequest, listRequests, type VisibleRequests } from './store/requests'
export {
  aboutRequest,
  isAboutJobs,
  type JobWish,
  type LimitWish,
  type RequestKind,
  type RequestStatus,
  type RequestView,
} from './domain/request'
export { createEventHub, type EventHub } from './events/hub'
export { eventPlaceNow } from './events/place'
export type { EventStream } from './events/subscription'
export type { JobEvent } from './domain/job-event'
export type { Page } from './store/reads/cursor'
export { aliveByPool, type AliveByPool } from './store/reads/alive-by-pool'
export { findUpload, type UploadView } from './store/uploads'
