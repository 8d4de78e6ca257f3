import type { RequestKind, RequestStatus } from '@/server/generated/prisma/enums'
import { aboutJobs, type ActKind } from './bulk'
import type { Actor, JobPriority, Json } from './types'

// A request to an admin: what a member may not do and asks for.

export type { RequestKind, RequestStatus }

/** What somebody may not do, and asks an admin of the organization to do. */
export interface RequestView {
  id: string
  organizationId: string
  kind: RequestKind
  status: RequestStatus
  /** The filter that chose its jobs. Null where they were named, or where it is about something else than jobs. */
  filter: Json
  /** How many jobs it is about. The number is fixed when it is made. Null where it is about something else. */
  matched: number | null
  /** The job type of the circuit that is to be closed, or whose limit is to be changed. */
  jobType: string | null
  /** What is to be changed: a `JobWish` or a `LimitWish`. Null where it is about something else. */
  change: Json
  reason: string
  askedBy: Actor
  createdAt: Date
  /** It ends then, if nobody has decided it. */
  expiresAt: Date
  endedBy: Actor | null
  endedAt: Date | null
  /** What was said when it ended. */
  endReason: string | null
  /** The bulk action that carried it out. */
  bulkId: string | null
}

const ABOUT_JOBS: readonly RequestKind[] = ['CANCEL', 'RETRY', 'DELETE'] satisfies ActKind[]

export const isAboutJobs = (kind: RequestKind): kind is ActKind => ABOUT_JOBS.includes(kind)

/** The fields of a waiting job that may be asked for. Parameters may hold secrets, so a request does not keep them. */
export interface JobWish {
  priority?: JobPriority
  /** ISO 8601. */
  runAt?: string
  maxRetries?: number
  timeoutSeconds?: number
}
/** The limits of a job type, or of the organization. Null is no limit; what is absent stays as it is. */
export interface LimitWish {
  global?: number | null
  perOrganization?: number | null
  maxConcurrent?: number | null
  maxUnfinished?: number | null
}

/** What a request is about, in words. */
export function aboutRequest({ kind, filter, matched, jobType, change }: RequestView): string {
  if (isAboutJobs(kind)) return aboutJobs({ filter, matched: matched ?? 0 })
  switch (kind) {
    case 'CHANGE_JOB':
      return `1 job: ${wishText(JOB_WORDS, change)}`
    case 'CHANGE_LIMIT':
      return `${jobType === null ? 'the organization' : `the job type ${jobType}`}: ${wishText(LIMIT_WORDS, change)}`
    case 'CLOSE_CIRCUIT':
      return `the circuit of ${jobType}`
    default:
      return 'the organization'
  }
}

const limitWords = (what: string) => (value: Json) =>
  `${value === null ? 'no limit' : `a limit of ${String(value)}`} ${what}`
const JOB_WORDS: { [Field in keyof Required<JobWish>]: (value: Json) => string } = {
  priority: (value) => `priority ${String(value).toLowerCase()}`,
  runAt: (value) => `not before ${String(value).slice(0, 16).replace('T', ' ')} UTC`,
  maxRetries: (value) => `${String(value)} retries`,
  timeoutSeconds: (value) => `a timeout of ${String(value)} s`,
}
const LIMIT_WORDS: { [Field in keyof Required<LimitWish>]: (value: Json) => string } = {
  global: limitWords('for jobs that run at once over all organizations'),
  perOrganization: limitWords('for jobs that run at once in each organization'),
  maxConcurrent: limitWords('for jobs that run at once'),
  maxUnfinished: limitWords('for unfinished jobs'),
}

function wishText(words: Record<string, (value: Json) => string>, change: Json): string {
  const fields = change !== null && typeof change === 'object' && !Array.isArray(change) ? change : {}
  return Object.entries(words)
    .flatMap(([field, say]) => (fields[field] === undefined ? [] : [say(fields[field])]))
    .join(', ')
}
