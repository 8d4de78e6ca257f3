// What the package for services exports.

export {
  createJobyardClient,
  type BatchSubmission,
  type ClientOptions,
  type JobFilter,
  type JobyardClient,
  type Submission,
  type WatchOptions,
} from './client'
export type { CallOptions, Caller } from './caller'
export { isReason, JobyardError, type DataOf, type FieldProblem, type Reason, type ReasonData } from './errors'
export type { UploadOptions } from './upload'
export { isFinal, type WaitOptions } from './wait'
export type { Actor, Api, Artifact, Job, JobEvent, JobPriority, JobStatus, Json, ListedJob, Refusal } from './api'
