/**
 * All reasons for which the engine or the API refuses something. A reason is stable and goes to callers as `data.reason` (rule 5).
 * `server/api/errors.ts` maps it to a tRPC code.
 */
export const REFUSALS = [
  'INVALID_INPUT',
  'UNKNOWN_JOB_TYPE',
  'INVALID_PARAMETERS',
  'INVALID_DEPENDENCY',
  'JOB_TYPE_DISABLED',
  'UNAUTHENTICATED',
  'NOT_PERMITTED',
  'ORGANIZATION_SUSPENDED',
  'NOT_FOUND',
  'DUPLICATE_JOB',
  'IDEMPOTENCY_MISMATCH',
  'ILLEGAL_TRANSITION',
  'KEYS_UNDECIDED',
  'CHANGED_MEANWHILE',
  'RATE_LIMITED',
  'QUEUE_FULL',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'METHOD_NOT_SUPPORTED',
  'UNAVAILABLE',
  'INTERNAL',
] as const
export type Refusal = (typeof REFUSALS)[number]

/** One wrong field: its `path`, such as `parameters.order.id` or `jobs[3].runAt`, and what would be right. */
export interface FieldProblem {
  path: string
  message: string
}

/**
 * An API key of a member who leaves or gets a lower role. Somebody has to decide whether the key is kept or revoked. The
 * fields are what people tell keys apart by.
 */
export interface UndecidedKey {
  id: string
  name: string
  role: string
  prefix: string
  lastUsedAt: string | null
}

/** The fields that stand beside `reason` in `error.data`. Which reason has which is in rule 5, "Errors". */
export interface RefusalData {
  /** What is wrong with the input, field by field. */
  fields?: FieldProblem[]
  /** DUPLICATE_JOB and IDEMPOTENCY_MISMATCH: the job that is there already. */
  existingJobId?: string
  existingStatus?: string
  /** ILLEGAL_TRANSITION: the job's status, and the one that was asked for. */
  from?: string
  to?: string
  retryAfterSeconds?: number
  /** KEYS_UNDECIDED: the keys to decide about. */
  keys?: UndecidedKey[]
  /** CHANGED_MEANWHILE: the present version of what was to be changed. */
  version?: number
}

/**
 * Marks an EngineError of any copy of this module. A web process loads the engine twice, in Next.js's bundle and beside
 * it. An error that one copy throws may be caught by the other, where the usual `instanceof` would fail. So
 * `Symbol.hasInstance` below looks for this mark.
 */
const BRAND = Symbol.for('jobyard.EngineError')

/** A refusal by the engine. Its message is for people: it says what is wrong and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly [BRAND] = true
  constructor(
    readonly reason: Refusal,
    message: string,
    readonly data: RefusalData = {},
  ) {
    super(message)
  }

  static override [Symbol.hasInstance](value: unknown): value is EngineError {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/** The refusal for things that do not exist or belong to others. The caller is not told which of the two it is. */
export const notVisible = (
  what:
    | 'job'
    | 'organization'
    | 'API key'
    | 'bulk action'
    | 'audit entry'
    | 'request'
    | 'upload'
    | 'schedule'
    | 'alert rule',
  id: string,
): EngineError => new EngineError('NOT_FOUND', `There is no ${what} ${id} that you may see.`)
