import { Ban, Check, Clock, Ellipsis, Minus, RotateCw, TriangleAlert, X, type LucideIcon } from 'lucide-react'
import { cn } from '@/app/_components/cn'
import { formatExact } from '@/app/_components/time'
import type { ScheduleRun } from '@/app/_trpc/types'
import { runWords } from './schedule-words'

/** How a run is drawn: with a sign as well as a colour, so that nobody has to tell the outcomes apart by colour. */
function look({ skipped, jobStatus }: ScheduleRun): { sign: LucideIcon; soft: string } {
  if (skipped === 'MISSED' || skipped === 'OVERLAP') return { sign: Minus, soft: 'bg-sunken text-muted' }
  if (skipped) return { sign: TriangleAlert, soft: 'bg-warning-soft text-warning' }
  switch (jobStatus) {
    case 'COMPLETED':
      return { sign: Check, soft: 'bg-completed-soft text-completed' }
    case 'DEAD_LETTER':
      return { sign: X, soft: 'bg-dead-soft text-dead' }
    case 'FAILED':
      return { sign: RotateCw, soft: 'bg-failed-soft text-failed' }
    case 'TIMED_OUT':
      return { sign: Clock, soft: 'bg-timedout-soft text-timedout' }
    case 'CANCELED':
      return { sign: Ban, soft: 'bg-canceled-soft text-canceled' }
    // Its job was deleted.
    case null:
      return { sign: Minus, soft: 'bg-sunken text-muted' }
    default:
      return { sign: Ellipsis, soft: 'bg-running-soft text-running' }
  }
}

/** One run as a small square. */
export function RunSquare({ run, className }: { run: ScheduleRun; className?: string }) {
  const { sign: Sign, soft } = look(run)
  return (
    <span
      title={`${formatExact(Date.parse(run.plannedAt))}: ${runWords(run)}`}
      className={cn('inline-grid size-4 shrink-0 place-items-center rounded-sm', soft, className)}
    >
      <Sign aria-hidden className="size-3" strokeWidth={3} />
    </span>
  )
}

/** The last runs of a schedule, the newest at the right. */
export function RunSquares({ runs }: { runs: ScheduleRun[] }) {
  if (runs.length === 0) return <span className="text-xs text-faint">No run yet</span>
  return (
    <>
      <span aria-hidden className="flex gap-0.5">
        {[...runs].reverse().map((run) => (
          <RunSquare key={run.plannedAt} run={run} />
        ))}
      </span>
      <span className="sr-only">Last runs, newest first: {runs.map(runWords).join(', ')}</span>
    </>
  )
}
