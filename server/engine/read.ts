/** The engine's read side: every function takes a scope, or is called after the caller's right was checked. */
export { countJobs, listJobs } from './store/job-queries'
export { findArtifact, jobAttempts, jobHistory, jobLogs, type AttemptView, type HistoryItem, type LogLine } from './store/job-details'
export { jobOwner, listOrganizations, organizationExists, requiredRoles } from './store/access'
export { getJobType, listJobTypes, type JobTypeView } from './store/job-types'
export { metricsOverview, metricsTimeseries, type MetricsOverview, type MetricsPoint, type MetricsRange, type Spread } from './store/metrics'
export { createEventHub, type EventHub, type EventStream, type JobEvent } from './event-hub'
export type { Page } from './store/cursor'
