import { cn } from './cn'
import { sparkShape, sparkWords } from './spark-shape'

interface Props {
  trend: { bucketSeconds: number; points: readonly { at: string; count: number }[] }
  /** Jobs that died are red, attempts that failed have the colour of failures. */
  of?: 'attempts' | 'jobs'
  className?: string
}

const SIZE = { width: 96, height: 24 }

/**
 * A small line chart without axes, as high as a line of text. A tooltip and screen readers tell in words what it shows.
 */
export function Spark({ trend: { bucketSeconds, points }, of = 'jobs', className }: Props) {
  const { line, area, end } = sparkShape(points, SIZE)
  const words = sparkWords(points, bucketSeconds)
  return (
    <svg
      role="img"
      aria-label={words}
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      preserveAspectRatio="none"
      className={cn('block h-6 w-24', of === 'jobs' ? 'text-bar-dead' : 'text-bar-failed', className)}
    >
      <title>{words}</title>
      <path d={area} fill="currentColor" opacity={0.15} />
      <path d={line} fill="none" stroke="currentColor" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
      {end ? <circle cx={end.x} cy={end.y} r={1.5} fill="currentColor" /> : null}
    </svg>
  )
}
