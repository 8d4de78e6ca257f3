'use client'

import Link from '@/app/_components/link'
import { buttonClass } from '@/app/_components/button-class'
import { Card } from '@/app/_components/card'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import type { Fleet } from '@/app/_trpc/types'
import { NoWorker } from './workers-card'

/** The first card of the overview where there is no job. It tells how to submit one. */
export function FirstJob({ fleet }: { fleet: Fleet | undefined }) {
  const { href, viewer } = useScope()
  return (
    <Card id="first" title="No job yet" padded={false}>
      <NoWorker fleet={fleet} />
      <div className="p-4">
        <p className="max-w-prose text-sm text-muted">
          Submit one here to see how it goes, or let a service submit with an API key of this organization. What happens
          to it appears on this page at once.
        </p>
        <div className="mt-4 flex flex-wrap gap-2">
          {may(viewer, 'jobs.submit') ? (
            <Link href={href('/submit')} className={buttonClass('primary')}>
              Submit a job
            </Link>
          ) : null}
          {may(viewer, 'apiKeys.manage') ? (
            <Link href={href('/organization?tab=keys')} className={buttonClass()}>
              Create an API key
            </Link>
          ) : null}
          <a href="/api/docs" target="_blank" rel="noreferrer" className={buttonClass()}>
            Read the API
          </a>
        </div>
      </div>
    </Card>
  )
}
