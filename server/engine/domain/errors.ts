/**
 * Everything the engine refuses, as a closed set. `reason` is stable and goes to callers as
 * `data.reason` (rule 5); `server/api/errors.ts` maps it to a tRPC code.
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

/** One wrong field: `path` as in `parameters.order.id` or `jobs[3].runAt`, and what would be right. */
export interface FieldProblem {
  path: string
  message: string
}

/** A key about which somebody has to decide: what people tell keys apart by. */
export interface UndecidedKey {
  id: string
  name: string
  role: string
  prefix: string
  lastUsedAt: string | null
}

/** What stands beside `reason` in `error.data`. */
export interface RefusalData {
  fields?: FieldProblem[]
  existingJobId?: string
  existingStatus?: string
  from?: string
  to?: string
  retryAfterSeconds?: number
  keys?: UndecidedKey[]
  version?: number
}

/** A web process holds the engine twice, in Next.js's bundle and beside it, and what one throws the other may catch. */
const BRAND = Symbol.for('jobyard.EngineError')

/** The engine says no. The message is for people: what is wrong and the way out. */
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

/** The refusal for what does not exist or belongs to others: whoever asks is not told which. */
export const notVisible = (what: 'job' | 'organization' | 'API key' | 'bulk action', id: string): EngineError =>
  new EngineError('NOT_FOUND', `There is no ${what} ${id} that you may see.`)
