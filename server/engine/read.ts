/** The engine's read side: every function takes a scope, or is called after the caller's right was checked. */
export { countJobs, listJobs, type ListedJob } from './store/reads/job-lists'
export {
  findArtifact,
  jobAttempts,
  jobHistory,
  jobLogs,
  type AttemptView,
  type HistoryItem,
  type LogLine,
} from './store/reads/job-details'
export { jobOwner, listOrganizations, organizationExists } from './store/reads/access'
export {
  getJobType,
  getJobTypeVersion,
  listJobTypes,
  listJobTypeVersions,
  type JobTypeVersionView,
  type JobTypeView,
} from './store/administration/job-types'
export type { JobTypeChanges, NewJobType } from './domain/job-type-config'
export { explainJob } from './actions/jobs/explain'
export type { WaitingReason } from './domain/waiting-reasons'
export { listPauses, type PauseTarget, type PauseView } from './store/administration/pauses'
export { listCircuits, type CircuitView } from './store/administration/circuits'
export { listApiKeys, type ApiKeyView } from './store/administration/api-keys'
export { listAudit, type AuditEventView } from './store/reads/audit-log'
export { getOrganization, pageOfOrganizations, type OrganizationView } from './store/administration/organizations'
export { listMembers, type MemberView } from './store/administration/members'
export {
  findInvitation,
  findStandingInvitation,
  INVITATION_DAYS,
  type OpenInvitation,
} from './store/administration/invitations'
export {
  deadLetterFigures,
  deadLetterGroups,
  type DeadLetterFigures,
  type DeadLetterGroup,
} from './store/reads/dead-letters'
export { failingCauses, type FailingCause } from './store/reads/failing'
export { parametersInCommon } from './store/reads/common-parameters'
export type { CommonValue } from './domain/common-values'
export {
  metricsByType,
  metricsOverview,
  metricsTimeseries,
  type MetricsOverview,
  type MetricsPoint,
  type MetricsRange,
  type TypeMetrics,
} from './store/reads/metrics'
export type { Spread } from './store/reads/measures'
export { listWorkers, type WorkerView } from './store/reads/workers'
export { getBulk, listBulks, skippedItems } from './store/bulk'
export type { BulkForecast, ForecastWarning, WarningCode } from './domain/forecast'
export type { BulkKind, BulkResult, BulkStatus, BulkView, Selection, Skipped, SkipReason } from './domain/bulk'
export { createEventHub, type EventHub, type EventStream, type JobEvent } from './events/hub'
export type { Page } from './store/reads/cursor'
