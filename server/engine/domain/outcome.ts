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

/** A file that the handler left, and where it is stored. */
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
 * Its handler returned: the job is COMPLETED.
 *
 * @param result what the handler returned; `undefined` where that was nothing.
 * @param dedupeWindowSeconds how long an identical job is still a duplicate of this one.
 */
export const completed = (
  attempt: AttemptRef,
  {
    result,
    dedupeWindowSeconds,
    artifacts = [],
  }: { result: Json | undefined; dedupeWindowSeconds: number; artifacts?: readonly FinishedArtifact[] },
): OutcomeOf<'complete'> => ({ kind: 'complete', ...refOf(attempt), result, dedupeWindowSeconds, artifacts })

/** Its handler failed: the job is FAILED until its retry in so many seconds, or dead where null says that none follows. */
export const failed = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'fail' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...refOf(attempt), error: errorOf(error), timedOut: false }
    : { kind: 'fail', ...refOf(attempt), error: errorOf(error), retryInSeconds }

/** It took longer than its timeout: the job is TIMED_OUT until its retry in so many seconds, or dead where null says that none follows. */
export const timedOut = (
  attempt: AttemptRef,
  error: AttemptError,
  retryInSeconds: number | null,
): OutcomeOf<'timeOut' | 'dead'> =>
  retryInSeconds === null
    ? { kind: 'dead', ...refOf(attempt), error: errorOf(error), timedOut: true }
    : { kind: 'timeOut', ...refOf(attempt), error: errorOf(error), retryInSeconds }

/** It did not end by itself and its worker gives it back: the job is PENDING again, and no failure is counted. */
export const handedBack = (attempt: AttemptRef, message: string): OutcomeOf<'handBack'> => ({
  kind: 'handBack',
  ...refOf(attempt),
  message,
})

// What callers have at hand (a claim, a classified failure) has more fields than belong into an outcome.
const refOf = ({ jobId, attempt }: AttemptRef): AttemptRef => ({ jobId, attempt })
const errorOf = ({ message, class: errorClass, fingerprint, stack }: AttemptError): AttemptError => ({
  message,
  class: errorClass,
  fingerprint,
  stack,
})
