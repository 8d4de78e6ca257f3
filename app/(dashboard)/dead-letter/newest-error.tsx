'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { CopyButton } from '@/app/_components/copy-button'
import { may } from '@/app/_components/may'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { DeadLetterGroup } from '@/app/_trpc/types'
import { Prose } from '../jobs/[id]/prose'
import { parentThatEnded } from '../jobs/parent-ended'

/** The newest error message in full, with a link to its job, and for admins with its stack trace. */
export function NewestError({ group }: { group: DeadLetterGroup }) {
  const { sample, errorClass, errorFingerprint: fingerprint, organizationId: owner } = group
  const trpc = useTRPC()
  const { href, viewer, organizationId } = useScope()
  const stacks = may(viewer, 'attempts.stack')
  const attempts = useQuery(
    trpc.jobs.attempts.queryOptions({ jobId: sample.jobId }, { enabled: stacks, staleTime: 30_000 }),
  )
  const stack = attempts.data?.items.findLast(({ error }) => error?.message === sample.message)?.error?.stack ?? null
  const path = `/jobs/${sample.jobId}`
  const parent = parentThatEnded({ fingerprint, message: sample.message })
  const named = useQuery(
    trpc.jobs.get.queryOptions({ jobId: parent ?? '' }, { enabled: parent !== null, staleTime: 30_000, retry: false }),
  )
  const isNamedDeleted = refusalOf(named.error)?.reason === 'NOT_FOUND'
  return (
    <Card
      id="newest-error"
      title="Newest error"
      note={
        parent !== null
          ? isNamedDeleted
            ? 'the job that it names was deleted: submit this one again'
            : 'it can run only once the job that it names has completed'
          : errorClass === 'PERMANENT'
            ? 'permanent: a retry alone does not mend it'
            : 'transient'
      }
      actions={<CopyButton text={stack ? `${sample.message}\n\n${stack}` : sample.message} label="Copy error" />}
    >
      <p className="text-sm font-medium wrap-anywhere whitespace-pre-wrap">
        <Prose text={sample.message} />
      </p>
      <p className="mt-1 text-xs text-muted">
        of job{' '}
        <Link
          href={organizationId ? href(path) : `${path}?org=${owner}`}
          title={sample.jobId}
          className="rounded font-mono text-accent underline underline-offset-4"
        >
          {sample.jobId.slice(-8)}
        </Link>
        , <RelativeTime at={sample.at} />
      </p>
      {!stacks ? (
        <p className="mt-3 text-xs text-faint">Admins of the organization see the stack.</p>
      ) : attempts.isPending ? (
        <span className="skeleton mt-3 block h-40" />
      ) : stack ? (
        <pre
          tabIndex={0}
          aria-label="Stack"
          className="mt-3 max-h-72 overflow-auto rounded bg-sunken p-3 font-mono text-xs/5 text-muted"
        >
          <VisibleText text={stack} />
        </pre>
      ) : (
        <p className="mt-3 text-xs text-faint">No stack was recorded.</p>
      )}
    </Card>
  )
}
