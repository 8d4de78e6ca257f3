import Link from '@/app/_components/link'
import { cn } from '@/app/_components/cn'
import { useScope } from '@/app/_components/shell/organization'
import { stuckWords } from '@/app/_components/stuck/stuck-words'
import { formatAtMost, formatCount, formatRunning } from '@/app/_components/time'
import type { RunningJob, Worker } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { levelOf, slotsOf, type Level } from './worker-order'

const LOOK: Record<Level, string> = {
  UNKNOWN: 'bg-running',
  USUAL: 'bg-bar-completed',
  LONG: 'bg-bar-warning',
  OVER: 'bg-danger-fill',
}
/**
 * The most cells that are drawn for free slots, and for slots that other jobs take. Where there are more, their number
 * stands beside the cells.
 */
const MOST_DRAWN = 16

/**
 * The slots of one queue as cells. First come the jobs that the reader may see, coloured by how long they run compared
 * with what is usual. Then come the other taken slots, and last the free ones.
 */
export function SlotCells({ name, worker, queue }: { name: string; worker: Worker; queue: 'ISOLATED' | 'INLINE' }) {
  const { total, busy, jobs, others, free } = slotsOf(worker, queue)
  if (total === 0 && busy === 0) return null
  return (
    <div className="grid gap-1 text-xs sm:grid-cols-[9rem_minmax(0,1fr)] sm:items-center">
      <p className="text-muted tabular-nums">
        {name}: {formatCount(busy)} of {formatCount(total)}
      </p>
      <ul aria-label={`${name}: what runs`} className="flex flex-wrap items-center gap-1">
        {jobs.map((job) => (
          <JobCell key={`${job.jobId} ${job.attempt}`} job={job} />
        ))}
        <Cells count={others} look="bg-line-strong" word="taken, not shown" />
        <Cells count={free} look="border border-line bg-sunken" word="free" />
      </ul>
    </div>
  )
}

function JobCell({ job }: { job: RunningJob }) {
  const { href } = useScope()
  const level = levelOf(job)
  const words = [
    job.title === job.jobType ? job.title : `${job.title} (${job.jobType})`,
    `runs for ${formatRunning(job.elapsedSeconds * 1000)}`,
    job.p95Seconds === null ? 'what is usual is not known' : `usually at most ${formatAtMost(job.p95Seconds * 1000)}`,
    ...(job.stuck ? [`looks stuck. ${stuckWords(job)}`] : []),
  ].join(', ')
  return (
    <li className="contents">
      <Link
        href={href(`/jobs/${job.jobId}`)}
        prefetch={false}
        aria-label={visible(words)}
        title={visible(words)}
        className={cn(
          'grid size-6 place-items-center rounded-sm text-xs font-bold text-danger-ink hover:brightness-110 pointer-coarse:size-8',
          LOOK[level],
        )}
      >
        {/* A sign as well as a colour, for people who cannot tell the colours apart. */}
        {level === 'OVER' ? <span aria-hidden>!</span> : null}
      </Link>
    </li>
  )
}

/**
 * Slots without a link. A screen reader gets their number once. On screen the number stands only where not all of them
 * are drawn as cells.
 */
function Cells({ count, look, word }: { count: number; look: string; word: string }) {
  const drawn = Math.min(count, MOST_DRAWN)
  if (count === 0) return null
  return (
    <>
      {Array.from({ length: drawn }, (_, index) => (
        <li key={index} aria-hidden title={word} className={cn('size-6 rounded-sm pointer-coarse:size-8', look)} />
      ))}
      <li className={cn('text-faint tabular-nums', count === drawn && 'sr-only')}>
        {formatCount(count)} {word}
      </li>
    </>
  )
}

/** Explains the colours of the cells. */
export const CellKey = () => (
  <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-faint">
    <KeyItem look={LOOK.USUAL} name="as usual (up to the p95)" />
    <KeyItem look={LOOK.LONG} name="longer" />
    <KeyItem look={LOOK.OVER} name="over 3 × the p95, or stuck" />
    <KeyItem look={LOOK.UNKNOWN} name="nothing to compare with" />
    <KeyItem look="bg-line-strong" name="taken, not shown" />
  </p>
)

const KeyItem = ({ look, name }: { look: string; name: string }) => (
  <span className="flex items-center gap-1.5">
    <span aria-hidden className={cn('size-2.5 rounded-xs', look)} />
    {name}
  </span>
)
