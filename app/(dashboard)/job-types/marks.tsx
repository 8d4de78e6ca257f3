import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleOff,
  CircleStop,
  FileDiff,
  Gauge,
  PauseCircle,
  Unplug,
  type LucideIcon,
} from 'lucide-react'
import { cn } from '@/app/_components/cn'
import { visible } from '@/server/engine/domain/visible'
import { leastOf, marksOf, type Mark, type TypeRow } from './type-row'

// Each mark has a shape of its own, so that nobody needs to tell them apart by colour.
const LOOK: Record<Mark, { icon: LucideIcon; tone: string }> = {
  circuit: { icon: Unplug, tone: 'text-danger' },
  failing: { icon: CircleAlert, tone: 'text-failed' },
  paused: { icon: PauseCircle, tone: 'text-warning' },
  closed: { icon: CircleStop, tone: 'text-warning' },
  limited: { icon: Gauge, tone: 'text-pending' },
  disabled: { icon: CircleOff, tone: 'text-canceled' },
  idle: { icon: CircleDashed, tone: 'text-faint' },
  few: { icon: CircleHelp, tone: 'text-muted' },
  healthy: { icon: CircleCheck, tone: 'text-completed' },
  differs: { icon: FileDiff, tone: 'text-muted' },
}

/**
 * The state of a job type: all marks that apply, the most urgent first. Each lies above the link of its row, which
 * covers the row (`relative z-10`), so that its tooltip can be read.
 */
export function Marks({ row, className }: { row: TypeRow; className?: string }) {
  return (
    <span className={cn('inline-flex flex-wrap items-center gap-x-3 gap-y-0.5 align-middle', className)}>
      {marksOf(row).map((mark) => {
        const { icon: Icon, tone } = LOOK[mark]
        const { label, meaning } = textOf(mark, row)
        return (
          <span key={mark} title={meaning} className="relative z-10 inline-flex items-center gap-1.5 whitespace-nowrap">
            <Icon aria-hidden className={cn('size-4 shrink-0', tone)} />
            <span className={mark === 'idle' || mark === 'disabled' || mark === 'differs' ? 'text-muted' : undefined}>
              {label}
            </span>
          </span>
        )
      })}
    </span>
  )
}

function textOf(mark: Mark, { type, pause, openCircuits, limit }: TypeRow): { label: string; meaning: string } {
  switch (mark) {
    case 'circuit':
      return {
        label: openCircuits > 1 ? `${openCircuits} circuits open` : 'Circuit open',
        meaning: 'Most of its last attempts failed, so its jobs wait while one is tried from time to time.',
      }
    case 'failing':
      return { label: 'Failing', meaning: 'More than 10 % of its attempts of the last 24 hours failed.' }
    case 'paused':
      return {
        label: 'Paused',
        meaning: pause ? visible(`By ${pause.pausedBy.name}${pause.reason ? `: ${pause.reason}` : ''}`) : '',
      }
    case 'closed':
      return { label: 'Limit is 0', meaning: 'A limit of 0 lets none of its jobs run.' }
    case 'limited':
      return { label: 'At its limit', meaning: `Jobs wait because ${leastOf(limit)} run already, which is its limit.` }
    case 'disabled':
      return { label: 'Disabled', meaning: 'It takes no jobs, and those that wait stay waiting.' }
    case 'idle':
      return { label: 'Idle', meaning: 'Nothing of it ended in the last 24 hours, and nothing waits or runs.' }
    case 'few':
      return {
        label: 'Too few to tell',
        meaning: 'Some of its attempts of the last 24 hours failed, but there were fewer than five.',
      }
    case 'healthy':
      return { label: 'Healthy', meaning: 'Nothing holds it back, and few of its attempts failed.' }
    case 'differs':
      return {
        label: 'Not as its file',
        meaning: `Set otherwise than the file of its handler says: ${(type.differs ?? []).map(({ field }) => field).join(', ')}.`,
      }
  }
}
