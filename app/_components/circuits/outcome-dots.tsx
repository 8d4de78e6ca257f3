import { cn } from '../cn'
import type { Circuit } from '@/app/_trpc/types'
import { outcomeWords } from './circuit-words'

/** The last ten outcomes, oldest first. A dot stands for a completed attempt and a square for a failed one. */
export function OutcomeDots({ circuit }: { circuit: Circuit }) {
  if (circuit.recent.length === 0) return <span className="text-xs text-faint">no attempt yet</span>
  return (
    <span role="img" aria-label={outcomeWords(circuit)} title={outcomeWords(circuit)} className="inline-flex gap-1">
      {circuit.recent.map(({ jobId, outcome, at }) => (
        <span
          key={`${jobId} ${at}`}
          className={cn('size-2.5', outcome === 'COMPLETED' ? 'rounded-full bg-bar-completed' : 'bg-bar-failed')}
        />
      ))}
    </span>
  )
}
