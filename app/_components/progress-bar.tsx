import { cn } from './cn'

/**
 * A bar for a `value` from 0 to 100. Its empty track is always there, so that rows keep their shape when work begins.
 */
export function ProgressBar({
  value,
  label,
  tone = 'bg-running',
  className,
}: {
  value: number
  label: string
  tone?: string
  className?: string
}) {
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={0}
      aria-valuemax={100}
      className={cn('block h-1.5 overflow-hidden rounded-full bg-line', className)}
    >
      <span
        className={cn('block h-full origin-left rounded-full transition-transform duration-500', tone)}
        style={{ transform: `scaleX(${value / 100})` }}
      />
    </span>
  )
}
