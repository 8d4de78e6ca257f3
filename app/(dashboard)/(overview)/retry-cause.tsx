'use client'

import { ErrorPattern } from '@/app/_components/error-pattern'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import type { FailingCause } from '@/app/_trpc/types'
import { drawerOfCause } from '../dead-letter/paths'
import BulkDialog from '../jobs/bulk-dialog'
import { jobs } from '../jobs/bulk-words'
import { NOTHING } from '../jobs/use-selection'

/**
 * Retries all dead letters of one cause, after showing what a retry would do. No job is ticked, so `all` selects
 * whatever the filter matches. The page may show all organizations (its id is undefined then). The cause always belongs
 * to one.
 */
export default function RetryCause({ cause, onClose }: { cause: FailingCause; onClose: () => void }) {
  const { href, organizationId } = useScope()
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
      onClose={onClose}
      onDone={onClose}
    />
  )
}
