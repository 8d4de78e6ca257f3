'use client'

import { useQuery } from '@tanstack/react-query'
import { Gauge, Package, Pause, Play, Plug, Unplug, type LucideIcon } from 'lucide-react'
import Link from '../link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import type { ChartMark, Timeseries } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { cn } from '../cn'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../menu'
import { useScope } from '../shell/organization'
import { formatExact } from '../time'
import { VisibleText } from '../visible-text'
import { placeMarks, type Placed } from './place'

const ICON: Record<ChartMark['kind'], LucideIcon> = {
  pause: Pause,
  resume: Play,
  circuitOpened: Unplug,
  circuitClosed: Plug,
  limits: Gauge,
  version: Package,
}
const REFRESH_MS = 30_000

interface Props {
  series: Timeseries | undefined
  /** The chart has bars, each with a band of its own. False for lines, whose ends lie on the edges. */
  bars: boolean
  /** Where the drawing area begins and ends inside the chart, in pixels. */
  plot: { left: number; right: number; bottom: number }
  className?: string
  /** The chart. */
  children: ReactNode
}

/**
 * A chart with marks for what people and Jobyard did in its time. Each mark is a line through the chart and a handle
 * above it. The handle opens the audit entry, or a menu of several marks. The row of handles is always there, so that
 * nothing moves when marks arrive.
 */
export function ChartMarks({ series, bars, plot, className, children }: Props) {
  const first = series?.points[0]?.at
  const places = usePlaces(series, bars)
  return (
    <div className={cn('relative pt-6', className)}>
      {children}
      {first ? (
        <ul
          aria-label="Marks on the chart"
          className="pointer-events-none absolute top-0"
          style={{ left: plot.left, right: plot.right, bottom: plot.bottom }}
        >
          {places.map((place) => (
            <li
              key={place.marks[0]!.at + place.marks[0]!.text}
              className="absolute inset-y-0 w-0"
              style={{ left: `${place.left * 100}%` }}
            >
              <span aria-hidden className="absolute top-6 bottom-0 border-l border-dashed border-line-strong" />
              <Handle place={place} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

function usePlaces(series: Timeseries | undefined, bars: boolean): Placed<ChartMark>[] {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const [first, last] = [series?.points[0]?.at ?? '', series?.points.at(-1)?.at ?? '']
  const bucketSeconds = series?.bucketSeconds ?? 0
  const to = last ? new Date(Date.parse(last) + bucketSeconds * 1000).toISOString() : ''
  const marks = useQuery(
    trpc.metrics.marks.queryOptions(
      { ...(organizationId ? { organizationId } : {}), from: first, to, limit: 100 },
      { enabled: ready && first !== '', refetchInterval: REFRESH_MS, placeholderData: keptWithin(organizationId) },
    ),
  )
  if (!series || !marks.data) return []
  return placeMarks(marks.data.items, { first, count: series.points.length, bucketSeconds, bars })
}

const HANDLE =
  'pointer-events-auto absolute top-0 -left-3 grid size-6 place-items-center rounded-full border border-line bg-raised text-2xs font-medium text-muted tabular-nums hover:border-line-strong hover:text-ink [&_svg]:size-3'

const wordsOf = ({ text, by, at }: ChartMark) => visible(`${text}, by ${by.name}, ${formatExact(Date.parse(at))}`)

/**
 * The handle of the marks at one place. A single mark links to its audit entry. A menu lists several marks, and marks
 * whose entry the reader may not open.
 */
function Handle({ place: { marks } }: { place: Placed<ChartMark> }) {
  const { href } = useScope()
  const router = useRouter()
  // At each place stands at least one mark.
  const [mark] = marks as [ChartMark]
  const Icon = ICON[mark.kind]
  const pathOf = ({ auditId }: ChartMark) => href(`/audit?entry=${auditId}`)
  if (marks.length === 1 && mark.auditId)
    return (
      <Link href={pathOf(mark)} prefetch={false} className={HANDLE} aria-label={wordsOf(mark)} title={wordsOf(mark)}>
        <Icon aria-hidden />
      </Link>
    )
  const words = marks.map(wordsOf).join('\n')
  return (
    <Menu>
      <MenuTrigger className={HANDLE} title={words} aria-label={marks.length === 1 ? words : `${marks.length} marks`}>
        {marks.length === 1 ? <Icon aria-hidden /> : marks.length}
      </MenuTrigger>
      <MenuContent className="max-w-sm">
        {marks.map((each) => (
          <MenuItem key={each.at + each.text} onSelect={() => (each.auditId ? router.push(pathOf(each)) : undefined)}>
            <MarkLine mark={each} />
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  )
}

function MarkLine({ mark }: { mark: ChartMark }) {
  const Icon = ICON[mark.kind]
  return (
    <>
      <Icon aria-hidden />
      <span className="min-w-0">
        <span className="block wrap-anywhere">
          <VisibleText text={mark.text} />
        </span>
        <span className="block text-xs text-muted">
          <VisibleText text={mark.by.name} />, {formatExact(Date.parse(mark.at))}
        </span>
      </span>
    </>
  )
}
