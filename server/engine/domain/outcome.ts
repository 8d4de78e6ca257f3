import type { ErrorClass, Json } from './types'

// How an attempt ended, as its worker or a service outside reports it. Outcomes are made by the constructors below
// and never by hand, so that what belongs together comes together. There is none for a cancel: whether a cancel
// was asked before is for the database to decide, whatever the attempt reports (actions/attempts/finish.ts).

/** One attempt of a job. */
export interface AttemptRef {
  jobId: string
  attempt: number
}

/** How a handler failed, as kept with the attempt and the job. */
export interface AttemptError {
  message: string
  class: ErrorClass
  fingerprint: string
  stack: string | null
}

/** A file that the handler left, and the place where it is stored. */
export interface FinishedArtifact {
  id: string
  name: string
  contentType: string
  size: number
  storageKey: string
}

export type Outcome = AttemptRef &
  (
    | {
        kind: 'complete'
        result: Json | undefined
        dedupeWindowSeconds: number
        artifacts: readonly FinishedArtifact[]
      }
    | { kind: 'fail'; error: AttemptError; retryInSeconds: number }
    | { kind: 'timeOut'; error: AttemptError; retryInSeconds: number }
    | { kind: 'dead'; error: AttemptError; timedOut: boolean }
    | { kind: 'handBack'; message: string }
  )

export type OutcomeKind = Outcome['kind']
export type OutcomeOf<Kind extends OutcomeKind> = Extract<Outcome, { kind: Kind }>

/**
 * The handler returned: the job is COMPLETED.
 *
 * @param result what the handler returned, `undefined` where that was nothing
 * @param dedupeWindowSeconds how long an identical job is still a duplicate of this one
 */
export const completed = (
  attempt: AttemptRef,
  {
    result,
    dedupeWindowSeconds,
    artifacts = [],
  }: { result: Json | undefined; dedupeWindowSeconds: number; artifacts?: readonly FinishedArtifact[] },
): OutcomeOf<'complete'> => ({ kind: 'complete', ...refOf(attempt), result, dedupeWindowSeconds, artifacts })

/**
 * The handler failed. The job is FAILED and is tried again in so many seconds. Where that is null, it is not tried
 * again and becomes a dead letter.
 */
export const failed = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'fail' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...refOf(attempt), error: errorOf(error), timedOut: false }
    : { kind: 'fail', ...refOf(attempt), error: errorOf(error), retryInSeconds }

/**
 * The attempt took longer than its timeout. The job is TIMED_OUT and is tried again in so many seconds. Where that is
 * null, it is not tried again and becomes a dead letter.
 */
export const timedOut = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'timeOut' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...refOf(attempt), error: errorOf(error), timedOut: true }
    : { kind: 'timeOut', ...refOf(attempt), error: errorOf(error), retryInSeconds }

/** The worker gives an attempt back that had not ended. The job is PENDING again, and no failure is counted. */
export const handedBack = (attempt: AttemptRef, message: string): OutcomeOf<'handBack'> => ({
  kind: 'handBack',
  ...refOf(attempt),
  message,
})

// Callers pass a claim or a classified failure, which have more fields than belong into an outcome.
const refOf = ({ jobId, attempt }: AttemptRef): AttemptRef => ({ jobId, attempt })
const errorOf = ({ message, class: errorClass, fingerprint, stack }: AttemptError): AttemptError => ({
  message,
  class: errorClass,
  fingerprint,
  stack,
})
