/** The engine's only door: what routers, worker and scripts may call. */
export type { Db, DbOrTx, Tx } from '@/server/db'
export { EngineError, type FieldProblem, type Refusal } from './domain/errors'
export type * from './domain/types'

export { MAX_BATCH, MAX_PAYLOAD_BYTES } from './domain/limits'
export { submitJob, submitJobs } from './actions/submit'
export { cancelJob } from './actions/cancel'
export { retryJob } from './actions/retry'
export { getJob } from './store/job-view'

export { dispatchJobs, loads, longQueued, returnToPending, type Dispatched, type Load, type QueueName } from './actions/dispatch'
export { claimJobs, LEASE_SECONDS, type Claimed } from './actions/claim'
export { finishAttempts, type FinishedArtifact, type Outcome, type Settled } from './actions/finish'
export { cancelRequested, renewLeases, rescueLost, type Held, type Renewed } from './actions/lease'
export { appendLogs, reportProgress, type LogReport, type ProgressReport } from './actions/report'
export { beat, registerWorker, retireWorker, syncHandlers, type WorkerRecord } from './actions/presence'

export { createCarrier, PublishRefused, type Carrier, type Consumer } from './queue/carrier'
export { messageId, packSize, toMessage, type Message, type Ticket } from './queue/messages'
export { CHANNELS, notify } from './store/signals'
export { sqlState } from './store/transaction'
export { installation } from './store/installation'
export * from './read'
