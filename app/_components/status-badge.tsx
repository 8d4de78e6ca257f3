import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleEllipsis,
  ClockAlert,
  LoaderCircle,
  OctagonX,
  type LucideIcon,
} from 'lucide-react'
import type { JobStatus } from '@/app/_trpc/types'
import { STATUS_META } from './job-status'
import { cn } from './cn'

// Each status has a shape of its own, so that nobody needs to tell them apart by colour.
const ICONS: Record<JobStatus, LucideIcon> = {
  PENDING: CircleDashed,
  QUEUED: CircleEllipsis,
  RUNNING: LoaderCircle,
  COMPLETED: CircleCheck,
  FAILED: CircleAlert,
  TIMED_OUT: ClockAlert,
  CANCELED: Ban,
  DEAD_LETTER: OctagonX,
}

export function StatusIcon({ status, className }: { status: JobStatus; className?: string }) {
  const Icon = ICONS[status]
  return (
    <Icon
      aria-hidden
      className={cn('size-4 shrink-0', STATUS_META[status].tone, status === 'RUNNING' && 'spin', className)}
    />
  )
}

interface Props {
  status: JobStatus
  /** A cancel was requested, but the handler still runs. */
  canceling?: boolean
  /** `plain` has no background. Rows use it, because many coloured pills on one screen would distract. */
  variant?: 'plain' | 'pill'
}

/** A job's status in words, with its icon, for lists and pages. A few places show the icon or the word alone. */
export function StatusBadge({ status, canceling = false, variant = 'plain' }: Props) {
  const meta = STATUS_META[status]
  const label = canceling && status === 'RUNNING' ? 'Canceling…' : meta.label
  return (
    <span
      data-status={status}
      title={meta.meaning}
      className={cn(
        'inline-flex items-center gap-1.5 align-middle whitespace-nowrap',
        variant === 'pill' && ['h-6 rounded-full px-2.5 text-xs font-medium', meta.soft],
      )}
    >
      <StatusIcon status={status} className={variant === 'pill' ? 'size-3.5' : undefined} />
      {label}
    </span>
  )
}
