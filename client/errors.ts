import type { JobStatus, Refusal } from './api'

/**
 * Why a call failed. Most reasons are refusals by the server. `NETWORK`: the server could not be reached, or did not
 * answer, for as long as the client tried. Nobody knows then whether the server has done what it was asked.
 * `WAIT_TIMEOUT`: the job had not ended within the time given to `waitFor`.
 */
export type Reason = Refusal | 'NETWORK' | 'WAIT_TIMEOUT'

/** One wrong field. `path` is written as in `parameters.order.id` or `jobs[3].runAt`. */
export interface FieldProblem {
  path: string
  message: string
}

/** The data that comes with each reason. Do not rely on the data of a reason that is not listed. */
export interface ReasonData {
  INVALID_INPUT: { fields: FieldProblem[] }
  INVALID_PARAMETERS: { fields: FieldProblem[] }
  /**
   * An identical job is under way, or was completed within the dedupe window of its type. `existingJobId` and
   * `existingStatus` are missing only if two jobs of the same `submitMany` are equal. `fields` tells which job of a
   * submission is meant, as in `jobs[1].parameters`.
   */
  DUPLICATE_JOB: { existingJobId?: string; existingStatus?: JobStatus; fields?: FieldProblem[] }
  /**
   * This idempotency key was used with other input. `existingJobId` is missing only if two jobs of the same
   * `submitMany` have the key. `fields` tells which job is meant, as in `jobs[1].idempotencyKey`.
   */
  IDEMPOTENCY_MISMATCH: { existingJobId?: string; fields: FieldProblem[] }
  /**
   * The action is not possible in the status of the object, which is `from`. `to` is the status that it would have got, or
   * what was to be done with it, as in `deleted`. The type says what holds for jobs. The calls about requests, bulk
   * actions and organizations give the status of those, as in `OPEN`.
   */
  ILLEGAL_TRANSITION: { from: JobStatus; to: string }
  /**
   * A member who leaves or gets a lower role has made these keys of the organization, and the call did not say what
   * happens to them. The list has the first 100.
   */
  KEYS_UNDECIDED: { keys: { id: string; name: string; role: string; prefix: string; lastUsedAt: string | null }[] }
  /**
   * Somebody else has changed the object since the version that the call names. `version` is the present one. Only where
   * two send one upload at once is there none: the message says how much of it is there.
   */
  CHANGED_MEANWHILE: { version: number }
  RATE_LIMITED: { retryAfterSeconds: number }
}

/** The data that comes with a reason. */
export type DataOf<R extends Reason> = R extends keyof ReasonData ? ReasonData[R] : { [name: string]: unknown }

/**
 * The error of every failed call. Only an aborted call throws its signal's reason instead, and `download` a TypeError for
 * an address of another server.
 */
export class JobyardError<R extends Reason = Reason> extends Error {
  override readonly name = 'JobyardError'
  readonly reason: R
  readonly data: DataOf<R>
  /** The HTTP status of the answer. Null if there was no answer. */
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

  /** True if the call failed for this reason. TypeScript then knows the shape of `data`. */
  is<Asked extends Reason>(reason: Asked): this is JobyardError<Asked> {
    return (this.reason as Reason) === reason
  }
}

/**
 * True if an error comes from this client and has this reason.
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
