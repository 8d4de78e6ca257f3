import type { JobStatus, Refusal } from './api'

/**
 * Why a call failed: what the server refused, or `NETWORK`: it could not be reached, or did not answer,
 * for as long as the client tried. After `NETWORK` it is unknown whether the server did what it was asked.
 * `WAIT_TIMEOUT`: the job had not ended within the time given to `waitFor`.
 */
export type Reason = Refusal | 'NETWORK' | 'WAIT_TIMEOUT'

/** One wrong field: `path` as in `parameters.order.id` or `jobs[3].runAt`. */
export interface FieldProblem {
  path: string
  message: string
}

/** The data beside each reason. A reason that is not listed has no data that one could rely on. */
export interface ReasonData {
  INVALID_INPUT: { fields: FieldProblem[] }
  INVALID_PARAMETERS: { fields: FieldProblem[] }
  /**
   * An identical job is under way, or was done within the dedupe window of its type. `existingJobId` and
   * `existingStatus` are absent only where two jobs of the same `submitMany` are equal. `fields` says which
   * job of a submission it is about, as in `jobs[1].parameters`.
   */
  DUPLICATE_JOB: { existingJobId?: string; existingStatus?: JobStatus; fields?: FieldProblem[] }
  /**
   * This idempotency key was used with other input. `existingJobId` is absent only where two jobs of the
   * same `submitMany` have it; `fields` says which job it is about, as in `jobs[1].idempotencyKey`.
   */
  IDEMPOTENCY_MISMATCH: { existingJobId?: string; fields: FieldProblem[] }
  /**
   * The job is in a status, `from`, from which that is not possible. `to`: the status it would have come
   * to, or what was to be done with it, as in `deleted`.
   */
  ILLEGAL_TRANSITION: { from: JobStatus; to: string }
  /** A member who leaves made these keys of the organization, and nobody said what becomes of them. The first 100. */
  KEYS_UNDECIDED: { keys: { id: string; name: string; role: string; prefix: string; lastUsedAt: string | null }[] }
  /** Somebody else changed it after the version that the call names. `version` is the present one. */
  CHANGED_MEANWHILE: { version: number }
  RATE_LIMITED: { retryAfterSeconds: number }
}

/** The data of a reason. */
export type DataOf<R extends Reason> = R extends keyof ReasonData ? ReasonData[R] : { [name: string]: unknown }

/** Every call that fails throws this. Only a call that was aborted throws its signal's reason instead. */
export class JobyardError<R extends Reason = Reason> extends Error {
  override readonly name = 'JobyardError'
  readonly reason: R
  readonly data: DataOf<R>
  /** The HTTP status of the answer; null where there was none. */
  readonly status: number | null

  constructor(
    reason: R,
    message: string,
    { data, status = null, cause }: { data?: object; status?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.data = (data ?? {}) as DataOf<R>
    this.status = status
  }

  /** True where this is why, and then `data` has that reason's shape. */
  is<Asked extends Reason>(reason: Asked): this is JobyardError<Asked> {
    return (this.reason as Reason) === reason
  }
}

/**
 * True for an error of the client with this reason.
 *
 * @example
 * catch (error) {
 *   if (isReason(error, 'DUPLICATE_JOB')) return error.data.existingJobId
 *   throw error
 * }
 */
export function isReason<R extends Reason>(error: unknown, reason: R): error is JobyardError<R> {
  return error instanceof JobyardError && error.is(reason)
}
