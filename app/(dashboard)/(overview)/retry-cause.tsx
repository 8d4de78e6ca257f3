'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Button } from '@/app/_components/button'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { FailingCause } from '@/app/_trpc/types'
import { drawerOfCause } from '../dead-letter/paths'
import { TRY_REASON } from '../dead-letter/tried-words'
import BulkDialog from '../jobs/bulk-dialog'
import { jobs } from '../jobs/bulk-words'
import { NOTHING } from '../jobs/use-selection'

/**
 * Retries all dead letters of one cause, after showing what a retry would do. No job is ticked, so `all` selects
 * whatever the filter matches. The page may show all organizations (its id is undefined then). The cause always belongs
 * to one.
 */
export default function RetryCause({ cause, onClose }: { cause: FailingCause; onClose: () => void }) {
  const { href, organizationId, viewer } = useScope()
  const about = { ...cause, jobTypes: [cause.jobType] }
  const path = drawerOfCause(about, { chosen: organizationId })
  return (
    <BulkDialog
      kind="retry"
      selection={{ ...NOTHING, all: true }}
      filter={{ status: ['DEAD_LETTER'], jobType: [cause.jobType], errorFingerprint: cause.errorFingerprint }}
      organizationId={cause.organizationId}
      title={`Retry ${jobs(cause.dead)}?`}
      about={
        <p className="rounded bg-sunken px-2.5 py-1.5 text-sm wrap-anywhere">
          <span className="font-medium">
            <ErrorPattern text={cause.pattern} />
          </span>
          <span className="block text-xs text-muted">
            <VisibleText text={cause.jobType} />
          </span>
        </p>
      }
      link={{ label: 'See what becomes of them', href: organizationId ? href(path) : path }}
      otherWay={cause.dead > 1 && may(viewer, 'jobs.retry') ? <TryOneFirst cause={cause} /> : undefined}
      onClose={onClose}
      onDone={onClose}
    />
  )
}

/**
 * Retries the newest of the jobs alone, and opens the cause on the page of dead letters, which shows how that job does.
 */
function TryOneFirst({ cause: { organizationId, jobType, errorFingerprint } }: { cause: FailingCause }) {
  const trpc = useTRPC()
  const router = useRouter()
  const { href, ...scope } = useScope()
  // `ignored: true`, because somebody may have ignored the cause meanwhile. Its jobs are there all the same.
  const group = useQuery(
    trpc.deadLetters.groups.queryOptions({ organizationId, jobType, errorFingerprint, ignored: true, limit: 1 }),
  )
  const jobId = group.data?.items[0]?.sample.jobId
  const why = group.error
    ? `The newest of them could not be found: ${messageOf(group.error)}`
    : group.data
      ? 'None of them is dead any more.'
      : 'Looking for the newest of them.'
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({
      onSuccess: (_, tried) => {
        const path = drawerOfCause(
          { organizationId, errorFingerprint, jobTypes: [jobType] },
          { chosen: scope.organizationId, tried: tried.jobId },
        )
        router.push(scope.organizationId ? href(path) : path)
      },
      onError: (error) => notify.error(messageOf(error)),
    }),
  )
  return (
    <Button
      busy={retry.isPending || retry.isSuccess}
      unavailable={jobId ? null : why}
      title="Retries the newest, and shows how it does before you retry the others"
      onClick={() => jobId && retry.mutate({ jobId, reason: TRY_REASON })}
    >
      <FlaskConical aria-hidden /> Try one first
    </Button>
  )
}
