import type { RequestKind, RequestStatus } from '@/server/generated/prisma/enums'
import { aboutJobs, type ActKind } from './bulk'
import type { Actor, Json } from './types'

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
  /** The job type of the circuit that is to be closed. */
  jobType: string | null
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

/** What a request is about, in words. */
export function aboutRequest({ kind, filter, matched, jobType }: RequestView): string {
  if (isAboutJobs(kind)) return aboutJobs({ filter, matched: matched ?? 0 })
  return kind === 'CLOSE_CIRCUIT' ? `the circuit of ${jobType}` : 'the organization'
}
