'use client'

import type { Job } from '@/app/_trpc/types'
import { BULK_STATUSES, type BulkKind } from '../job-status'
import { may, type Viewer } from '../may'
import { AskAdmin } from './ask-admin'

/** True where this person may not cancel, retry or delete the job, but may ask an admin to do it. */
export function mustAsk(kind: BulkKind, job: Job, viewer: Viewer): boolean {
  const own = job.submittedBy.type === 'user' && job.submittedBy.id === viewer.userId
  if (may(viewer, `jobs.${kind}`, own) || !may(viewer, 'requests.create')) return false
  return BULK_STATUSES[kind].includes(job.status) && !(kind === 'cancel' && job.cancelRequestedAt !== null)
}

const KINDS = { cancel: 'CANCEL', retry: 'RETRY', delete: 'DELETE' } as const

/** A button that asks an admin to cancel, retry or delete this job. */
export const AskAboutJob = ({ kind, job }: { kind: BulkKind; job: Job }) => (
  <AskAdmin
    asked={{ kind: KINDS[kind], organizationId: job.organizationId, jobIds: [job.id] }}
    label={`Ask to ${kind}`}
    title={`Ask to ${kind} this job?`}
    text={`You may not ${kind} it yourself. An admin of the organization sees it and decides.`}
  />
)
