/**
 * The engine's main door. Of the engine's actions and statements, routers, the worker and scripts call only what is
 * exported here. `domain/`, `queue/` and `reports.ts` may be imported directly by those whom the table of
 * docs/architecture.md allows to.
 */
export { poolErrors, type Db, type DbOrTx, type Tx } from '@/server/db'
export { EngineError, notVisible, type FieldProblem, type Refusal } from './domain/errors'
export type * from './domain/types'

export type { Submitter } from './actions/submission/checks'
export { submitJob, submitJobs } from './actions/submission/submit'
export { rerunJob } from './actions/submission/rerun'
export { SubmissionGate } from './actions/submission/gate'
export { Batcher, gathered } from './actions/batcher'
export { cancelJob } from './actions/jobs/cancel'
export { deleteJob } from './actions/jobs/delete'
export { sweepDependents } from './actions/jobs/dependents'
export { retryJob } from './actions/jobs/retry'
export { updateJob } from './actions/jobs/update'
export { getJob } from './store/reads/job-view'

export { merged, withoutOrganizations, type HeldStretch } from './domain/held-stretches'
export { HOLDS_REMEMBERED_SECONDS } from './store/holds'
export { SHORT_SECONDS, type Kind } from './store/kept-slots'
export {
  dispatchJobs,
  dispatchRound,
  FIRST_TURNS,
  queuedForNoWorker,
  loadsOfCrew,
  longQueued,
  NOTHING_HELD,
  returnToPending,
  type Dispatched,
  type Held,
  type Load,
  type QueueName,
  type Turns,
  type Wanted,
} from './actions/attempts/dispatch'
export { QUEUE_NAMES } from './domain/types'
export { sweepCircuits } from './actions/administration/circuits'
export { warmUp } from './actions/attempts/warm-up'
export { claimJobs, claimUnlocked, LEASE_SECONDS, type Claimed } from './actions/attempts/claim'
export { completed, failed, handedBack, timedOut } from './domain/outcome'
export type { AttemptRef, FinishedArtifact, Outcome } from './domain/outcome'
export { finishAttempts, finishUnlocked, type Settled } from './actions/attempts/finish'
export { cancelRequested, renewLeases, rescueLost } from './actions/attempts/lease'
export { completeAttempt, failAttempt, requireHolder, type ReportedJob } from './actions/attempts/outside'
export { attemptOfToken, isAttemptToken, issueAttemptToken } from './store/attempt-tokens'
export { ProgressGate } from './actions/attempts/progress-gate'
export { appendLogs, reportProgress, type LogReport, type ProgressReport } from './actions/attempts/report'
export {
  discardedFiles,
  forgetFiles,
  namedFiles,
  removeExpired,
  runningAttempts,
  type ExpiryCursor,
} from './actions/upkeep/expiry'
export { crewsOfAllWorkers, liveCrews } from './store/live-workers'
export { ANY_CREW, crewOf, type Crew } from './domain/crew'
export { canceledTickets, currentTickets } from './actions/attempts/reconcile'
export { indexJobs, type IndexCursor } from './actions/upkeep/index-jobs'
export { pruneJobs, type RetentionCursor } from './actions/upkeep/retention'
export {
  beat,
  drainWorker,
  noteHandlerProblems,
  registerWorker,
  retireWorker,
  syncHandlers,
} from './actions/attempts/presence'

export { abortBulk, startBulk } from './actions/jobs/bulk'
export { createSchedule, deleteSchedule, updateSchedule, type NewSchedule } from './actions/schedules/manage'
export { runSchedules, type ScheduleWork } from './actions/schedules/run-due'
export { runScheduleNow } from './actions/schedules/run-now'
export { forecastBackfill, startBackfill } from './actions/schedules/backfill'
export {
  createAlertRule,
  deleteAlertRule,
  MAX_ALERT_RULES,
  testAlertRule,
  updateAlertRule,
  type NewAlertRule,
} from './actions/alerts/manage'
export { evaluateAlerts, pruneAlerts, type AlertFailure, type AlertWork } from './actions/alerts/evaluate'
export { previewCron } from './actions/schedules/preview'
export { pruneRuns, type RunHistoryCursor } from './store/schedule-history'
export { forecastBulk } from './actions/jobs/bulk-forecast'
export { runBulks } from './actions/jobs/bulk-run'
export { pruneBulks } from './store/bulk'
export { closeRequest, createRequest, fulfilRequest, type AskedFor } from './actions/administration/requests'
export { sweepRequests } from './store/requests'
export { pause, resume } from './actions/administration/pause'
export {
  deleteOrganization,
  resumeOrganization,
  suspendOrganization,
  sweepDeletedOrganizations,
} from './actions/administration/organizations'
export { changeJobType, createJobType } from './actions/administration/job-types'
export { createMissingJobTypes } from './actions/administration/missing-job-types'
export { withDifferences } from './store/administration/handler-defaults'
export { adoptHandlerDefaults, digestsOf, hasDefaultsToAdopt } from './actions/administration/handler-defaults'
export { followShippedSchemas } from './actions/administration/shipped-schemas'
export { changeOrganization, createOrganization } from './actions/administration/organization-settings'
export { createApiKey, revokeApiKey } from './actions/administration/api-keys'
export { sweepRevokedKeys } from './actions/administration/revoked-keys'
export { ignoreCause, unignoreCause, type CauseKey } from './actions/administration/ignore-cause'
export { pruneCauses } from './store/cause-acts'
export { closeCircuit } from './actions/administration/close-circuit'
export { changeMember, inviteMember, removeMember } from './actions/administration/members'
export {
  acceptInvitation,
  declineInvitation,
  noInvitation,
  type Acceptance,
} from './actions/administration/invitations'
export { admitIdentity, type Identity } from './actions/administration/identities'
export { changePassword, endSession, endSessions, resetPassword } from './actions/administration/accounts'
export {
  createSavedView,
  deleteSavedView,
  MAX_VIEW_NAME,
  noView,
  updateSavedView,
} from './actions/administration/saved-views'
export { makeSystemAdmin } from './actions/administration/system-admin'
export { beginUpload, type NewUpload } from './actions/uploads/begin'
export { extendUpload } from './actions/uploads/extend'
export { discardUpload, deleteRetiredUploads, retireUnusedUploads } from './actions/uploads/remove'
export { writeAudit } from './store/administration/audit'

export { createCarrier } from './queue/carrier'
export { PublishRefused, type Carrier, type Consumer } from './queue/contract'
export { messageId, packSize, toMessage, type Message, type Ticket } from './queue/messages'
export { CHANNELS, notify } from './store/signals'
export { onJobsMoved, type MovedJobs } from './store/moved-jobs'
export { sqlState } from './store/transaction'
export { clockOffsetSeconds, installation, ping, serverVersion } from './store/installation'
export { agreesOnSecret, claimSecret, releaseSecret, SECRET_FORGOTTEN_SECONDS } from './store/deployment-secrets'
export { readSchemaState } from './store/schema-state'
export { foldUsage, unfinishedJobs } from './store/admission/usage'
export { notePeaks, prunePeaks, remakePeaks } from './store/usage-peaks'
export { forgetRollups, pruneRollups, rollUp } from './store/reads/rollups'
export * from './read'
