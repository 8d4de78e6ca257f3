import type { ErrorClass, Json } from './types'

// How an attempt ended, as its worker or a service outside reports it. Make outcomes with the functions below: they
// leave out no field and take over none that does not belong there. There is no outcome for a cancel. The database knows
// whether somebody asked to cancel the job. If so, the job becomes CANCELED, whatever the attempt reports
// (actions/attempts/finish.ts).

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
    | { kind: 'dead'; error: AttemptError; byTimeout: boolean }
    | { kind: 'handBack'; message: string }
  )

export type OutcomeKind = Outcome['kind']
export type OutcomeOf<Kind extends OutcomeKind> = Extract<Outcome, { kind: Kind }>

/**
 * The handler returned: the job is COMPLETED.
 *
 * @param result what the handler returned, `undefined` where that was nothing
 * @param dedupeWindowSeconds for how many seconds after this job's end an identical job is refused as a duplicate
 * @param artifacts the files that the handler left. They are already stored
 */
export const completed = (
  attempt: AttemptRef,
  {
    result,
    dedupeWindowSeconds,
    artifacts = [],
  }: { result: Json | undefined; dedupeWindowSeconds: number; artifacts?: readonly FinishedArtifact[] },
): OutcomeOf<'complete'> => ({ kind: 'complete', ...onlyRef(attempt), result, dedupeWindowSeconds, artifacts })

/**
 * The handler failed. The job is FAILED and is tried again after `retryInSeconds`. With null it is not tried again, and
 * becomes a dead letter.
 */
export const failed = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'fail' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...onlyRef(attempt), error: onlyError(error), byTimeout: false }
    : { kind: 'fail', ...onlyRef(attempt), error: onlyError(error), retryInSeconds }

/**
 * The attempt took longer than its timeout. The job is TIMED_OUT and is tried again after `retryInSeconds`. With null
 * it is not tried again, and becomes a dead letter.
 */
export const timedOut = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'timeOut' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...onlyRef(attempt), error: onlyError(error), byTimeout: true }
    : { kind: 'timeOut', ...onlyRef(attempt), error: onlyError(error), retryInSeconds }

/** The worker stops an attempt before it has ended and gives the job back. The job is PENDING again, and no failure is counted. */
export const handedBack = (attempt: AttemptRef, message: string): OutcomeOf<'handBack'> => ({
  kind: 'handBack',
  ...onlyRef(attempt),
  message,
})

// Callers pass objects with more fields, such as a claim. Those must not reach the database with the outcome.
const onlyRef = ({ jobId, attempt }: AttemptRef): AttemptRef => ({ jobId, attempt })
const onlyError = ({ message, class: errorClass, fingerprint, stack }: AttemptError): AttemptError => ({
  message,
  class: errorClass,
  fingerprint,
  stack,
})
