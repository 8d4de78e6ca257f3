import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount, formatRate, formatRunning } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Fleet } from '@/app/_trpc/types'

/** Figures that show how busy the workers are. */
export function Figures({ fleet }: { fleet: Fleet | undefined }) {
  const { href } = useScope()
  const longest = fleet?.longestRun
  return (
    <dl className="mb-4 grid grid-cols-2 gap-3 md:grid-cols-4 md:gap-4">
      <Figure name="Threads busy" note="long jobs, of all organizations">
        {fleet ? <Share of={fleet.slots.isolated} part={fleet.busy.isolated} /> : null}
      </Figure>
      <Figure name="Shared slots busy" note="short jobs, of all organizations">
        {fleet ? <Share of={fleet.slots.inline} part={fleet.busy.inline} /> : null}
      </Figure>
      <Figure name="Jobs a minute" noList="rate" note="completed, over the last 5 minutes">
        {fleet ? formatRate(fleet.jobsPerMinute) : null}
      </Figure>
      <Figure
        name="Longest run"
        path={longest ? href(`/jobs/${longest.jobId}`) : undefined}
        note={longest ? <VisibleText text={longest.title} /> : fleet ? 'nothing runs' : '\u00a0'}
        tone={longest?.stuck ? 'text-timedout' : undefined}
      >
        {fleet ? (longest ? formatRunning(longest.elapsedSeconds * 1000) : '–') : null}
      </Figure>
    </dl>
  )
}

const Share = ({ part, of }: { part: number; of: number }) => (
  <>
    {formatCount(part)} <span className="text-sm font-normal text-muted">of {formatCount(of)}</span>
  </>
)

function Figure({
  name,
  note,
  path,
  tone,
  noList,
  children,
}: {
  name: string
  note: ReactNode
  path?: string
  tone?: string
  /**
   * For a number that stands alone and opens no list: why not, in a word or two. Nobody sees it. e2e/figures.spec.ts
   * demands it. A figure such as "3 of 4" is not a number alone.
   */
  noList?: string
  children: ReactNode
}) {
  return (
    <div
      className={cn(
        'relative min-w-0 rounded-lg border border-line bg-surface px-3 py-2.5 shadow-card has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent md:px-4',
        path && 'hover:bg-hover',
      )}
    >
      <dt className="truncate text-xs text-muted">{name}</dt>
      <dd
        data-no-list={noList}
        className={cn('mt-0.5 truncate text-xl font-semibold tabular-nums max-md:text-lg', tone)}
      >
        {children === null ? (
          <span className="skeleton my-1 block h-5 w-14" />
        ) : path ? (
          <Link href={path} prefetch={false} className="outline-none after:absolute after:inset-0">
            {children}
          </Link>
        ) : (
          children
        )}
      </dd>
      <dd className="text-xs text-faint md:truncate">{note}</dd>
    </div>
  )
}
