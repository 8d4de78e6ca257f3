'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'

interface Props {
  figures: { dead: number; newCauses24h: number; oldestAt: string | null } | undefined
  /** The list shows only the new causes. */
  onlyNew: boolean
}

/**
 * Three figures about the dead letters. Each links to exactly what it counts. Where the list shows just that, the
 * figure of new causes leads back to all causes.
 */
export function Figures({ figures, onlyNew }: Props) {
  const { href } = useScope()
  const oldest = useOldest(figures?.oldestAt ?? null)
  return (
    <dl className="mb-4 grid grid-cols-3 gap-3 md:gap-4">
      <Figure
        name="Dead now"
        count={figures?.dead}
        path={href('/jobs?status=DEAD_LETTER')}
        tone={figures?.dead ? 'text-dead' : undefined}
      >
        {figures ? formatCount(figures.dead) : null}
      </Figure>
      <Figure
        name={
          <>
            New causes <span className="max-sm:sr-only">in 24 h</span>
          </>
        }
        count={onlyNew ? undefined : figures?.newCauses24h}
        path={href(onlyNew ? '/dead-letter' : '/dead-letter?new=true')}
        current={onlyNew}
        tone={figures?.newCauses24h ? 'text-warning' : undefined}
      >
        {figures ? formatCount(figures.newCauses24h) : null}
      </Figure>
      <Figure name="Oldest" path={oldest ? href(`/jobs/${oldest}`) : undefined}>
        {figures ? figures.oldestAt ? <RelativeTime at={figures.oldestAt} /> : 'none' : null}
      </Figure>
    </dl>
  )
}

/**
 * The id of the job that has been dead for longest. Only its time is known, to the millisecond. So the job is the dead
 * one that ended within that millisecond.
 */
function useOldest(at: string | null): string | undefined {
  const trpc = useTRPC()
  const { organizationId } = useScope()
  const jobs = useQuery(
    trpc.jobs.list.queryOptions(
      {
        ...(organizationId ? { organizationId } : {}),
        status: ['DEAD_LETTER'],
        endedAfter: at ?? undefined,
        endedBefore: at === null ? undefined : new Date(Date.parse(at) + 1).toISOString(),
        limit: 1,
      },
      { enabled: at !== null, staleTime: 60_000 },
    ),
  )
  return jobs.data?.items[0]?.id
}

function Figure({
  name,
  count,
  path,
  current = false,
  tone,
  children,
}: {
  name: ReactNode
  /** How many items the list behind the link has. */
  count?: number
  path: string | undefined
  /** The list below shows just what this figure counts. */
  current?: boolean
  tone?: string
  children: ReactNode
}) {
  return (
    <div
      className={cn(
        'relative min-w-0 rounded-lg border bg-surface px-3 py-2.5 shadow-card has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent md:px-4',
        current ? 'border-accent' : 'border-line',
        path && 'hover:bg-hover',
      )}
    >
      <dt className="truncate text-xs text-muted">{name}</dt>
      <dd className={cn('mt-0.5 truncate text-xl font-semibold tabular-nums max-md:text-lg', tone)}>
        {children === null ? (
          <span className="skeleton my-1 block h-5 w-14" />
        ) : path ? (
          <Link
            href={path}
            prefetch={false}
            data-count={count}
            aria-current={current || undefined}
            className="outline-none after:absolute after:inset-0"
          >
            {children}
          </Link>
        ) : (
          children
        )}
      </dd>
    </div>
  )
}
