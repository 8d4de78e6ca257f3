'use client'

import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Maximize, ZoomIn, ZoomOut, type LucideIcon } from 'lucide-react'
import Link from '@/app/_components/link'
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { IconButton } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { STATUS_META } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { StatusIcon } from '@/app/_components/status-badge'
import { VisibleText } from '@/app/_components/visible-text'
import { visible } from '@/server/engine/domain/visible'
import { beyond, NOTHING_BEYOND, type Beyond, type Edge } from './graph-beyond'
import { drawnIn, partAround, samePart } from './graph-drawn'
import type { Graph } from './graph-facts'
import { isArrow, jobAtArrowKey } from './graph-keys'
import { layoutOf, NODE, type Layout } from './graph-layout'

/** The least and the greatest size to which somebody can zoom. At 1 the graph has its own size. */
const LEAST = 0.1
const MOST = 1.5
/** The least size that a graph gets by itself. A smaller one could not be read. */
const LEAST_UNASKED = 0.75
/** By how much one press makes the graph larger or smaller. */
const STEP = 1.4

/**
 * The graph as boxes and arrows. The Tab key reaches one box, and arrow keys lead on to the others. Of a large graph only
 * what is in view is drawn, and what stands around it.
 */
export default function GraphView({ jobId, graph }: { jobId: string; graph: Graph }) {
  const { href } = useScope()
  // Statuses change while somebody looks, but the places of the boxes do not. The graph is laid out again only when
  // other jobs, or more or fewer arrows, are in it.
  const shape = `${graph.jobs.map(({ id }) => id).join()} ${graph.edges.length}`
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the shape stands for the graph
  const layout = useMemo(() => layoutOf(graph), [shape])
  const jobs = useMemo(() => new Map(graph.jobs.map(({ id, job }) => [id, job])), [graph])
  const [at, setAt] = useState(jobId)
  /** Null until somebody chooses one. Until then, a graph that nearly fits is made to fit. */
  const [chosenZoom, setZoom] = useState<number | null>(null)
  const [width, setWidth] = useState<number | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const [rest, setRest] = useState<Beyond>(NOTHING_BEYOND)
  const zoom = chosenZoom ?? (width === null ? 1 : Math.max(LEAST_UNASKED, Math.min(1, width / layout.width)))
  const current = layout.nodes.some(({ id }) => id === at) ? at : jobId
  /** What is drawn. Until the frame is known, that is what stands around the job. */
  const [part, setPart] = useState(() => {
    const here = layout.nodes.find(({ id }) => id === jobId)
    return partAround({ left: (here?.x ?? 0) - 600, top: (here?.y ?? 0) - 200, width: 1_200, height: 400 })
  })
  const { nodes, edges } = useMemo(
    () => drawnIn(layout, part, new Set([current, jobId])),
    [layout, part, current, jobId],
  )
  // Beyond the graph the sheet of arrows would give the frame something to scroll to.
  const [left, top] = [Math.max(0, part.left), Math.max(0, part.top)]
  const sheet = {
    left,
    top,
    width: Math.max(0, Math.min(layout.width, part.right) - left),
    height: Math.max(0, Math.min(layout.height, part.bottom) - top),
  }

  const lookBeyond = () => {
    if (!frame.current) return
    const { left, top } = viewOf(frame.current, layout, zoom)
    const { clientWidth, clientHeight } = frame.current
    const view = { left, top, width: clientWidth / zoom, height: clientHeight / zoom }
    const around = partAround(view)
    setPart((known) => (samePart(known, around) ? known : around))
    const next = beyond(layout, view)
    setRest((known) => (EDGES.every((edge) => known[edge] === next[edge]) ? known : next))
  }

  // The graph moves only when it is drawn, and when its size changes. A change of `jobId` alone does not move it.
  const centerOnJob = useEffectEvent(() => {
    center(frame.current, layout, jobId, zoom)
    lookBeyond()
  })
  useEffect(() => centerOnJob(), [layout, zoom, width])
  // A window that was made wider shows more of the graph, and nothing else draws a graph anew whose jobs have all ended.
  const onResize = useEffectEvent(() => {
    if (frame.current) setWidth(frame.current.clientWidth)
    lookBeyond()
  })
  useEffect(() => {
    const observer = new ResizeObserver(() => onResize())
    if (frame.current) observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])
  const walk = (to: string) => {
    // The box may be out of view, and is drawn by this.
    flushSync(() => setAt(to))
    frame.current?.querySelector<HTMLElement>(`[data-node="${to}"]`)?.focus({ preventScroll: true })
    frame.current?.querySelector(`[data-node="${to}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  return (
    <div className="relative">
      <div className="absolute top-2 right-2 z-10 flex gap-1 rounded border border-line bg-surface shadow-card">
        <IconButton label="Smaller" onClick={() => setZoom(Math.max(LEAST, zoom / STEP))}>
          <ZoomOut aria-hidden />
        </IconButton>
        <IconButton label="Larger" onClick={() => setZoom(Math.min(MOST, zoom * STEP))}>
          <ZoomIn aria-hidden />
        </IconButton>
        <IconButton label="All in sight" onClick={() => setZoom(fitting(frame.current, layout))}>
          <Maximize aria-hidden />
        </IconButton>
      </div>
      <div
        ref={(element) => {
          frame.current = element
          if (element) setWidth(element.clientWidth)
        }}
        role="group"
        aria-label="Graph of dependencies. Arrow keys lead from job to job, Enter opens one."
        className="flex max-h-96 min-h-32 overflow-auto overscroll-contain rounded-b-lg bg-sunken"
        onScroll={lookBeyond}
        onKeyDown={(event) => {
          if (!isArrow(event.key)) return
          event.preventDefault()
          const to = jobAtArrowKey(layout, current, event.key)
          if (to) walk(to)
        }}
      >
        <div className="relative m-auto shrink-0" style={{ width: layout.width * zoom, height: layout.height * zoom }}>
          <div
            className="absolute top-0 left-0 origin-top-left"
            style={{ transform: `scale(${zoom})`, width: layout.width, height: layout.height }}
          >
            <svg
              aria-hidden
              viewBox={`${sheet.left} ${sheet.top} ${sheet.width} ${sheet.height}`}
              className="absolute max-w-none text-line-strong"
              style={sheet}
            >
              {ARROWS.map(({ on, chosen }) => (
                <path
                  key={`${on} ${chosen}`}
                  // All arrows of one look are one path. A thousand paths would cost a thousand elements.
                  d={edges
                    .filter((edge) => edge.on === on && (edge.from === current || edge.to === current) === chosen)
                    .map(({ path }) => path)
                    .join(' ')}
                  fill="none"
                  stroke="currentColor"
                  strokeDasharray={on === 'ended' ? '5 4' : undefined}
                  strokeWidth={chosen ? 2 : 1}
                  className={chosen ? 'text-accent' : undefined}
                />
              ))}
            </svg>
            {nodes.map(({ id, x, y }) => {
              const job = jobs.get(id)
              const title = job ? visible(job.title) : 'A job that was deleted'
              return (
                <Link
                  key={id}
                  href={href(`/jobs/${id}`)}
                  prefetch={false}
                  data-node={id}
                  tabIndex={id === current ? 0 : -1}
                  aria-current={id === jobId ? 'page' : undefined}
                  aria-label={job ? `${title}, ${STATUS_META[job.status].label}` : title}
                  title={job ? `${title} (${job.jobType})` : title}
                  onFocus={() => setAt(id)}
                  className={cn(
                    'absolute flex items-center gap-2 rounded border bg-surface px-2 text-xs hover:border-accent',
                    id === jobId ? 'border-accent font-semibold shadow-card' : 'border-line',
                  )}
                  style={{ left: x - NODE.width / 2, top: y - NODE.height / 2, ...NODE }}
                >
                  {job ? <StatusIcon status={job.status} className="[animation:none]" /> : null}
                  <span className="truncate">
                    <VisibleText text={title} />
                  </span>
                </Link>
              )
            })}
          </div>
        </div>
      </div>
      {EDGES.map((edge) => (
        <More key={edge} edge={edge} count={rest[edge]} onPress={() => scrollOn(frame.current, edge)} />
      ))}
    </div>
  )
}

/** The looks of arrows. Those of the chosen job are drawn over the others. */
const ARROWS = [
  { on: 'completed', chosen: false },
  { on: 'ended', chosen: false },
  { on: 'completed', chosen: true },
  { on: 'ended', chosen: true },
] as const
const EDGES: readonly Edge[] = ['left', 'right', 'up', 'down']
const MORE: Record<Edge, { icon: LucideIcon; place: string; words: string }> = {
  left: { icon: ArrowLeft, place: 'left-2 top-1/2 -translate-y-1/2', words: 'to the left' },
  right: { icon: ArrowRight, place: 'right-2 top-1/2 -translate-y-1/2', words: 'to the right' },
  up: { icon: ArrowUp, place: 'top-2 left-1/2 -translate-x-1/2', words: 'above' },
  down: { icon: ArrowDown, place: 'bottom-2 left-1/2 -translate-x-1/2', words: 'below' },
}

/** Says at an edge of the graph how many jobs lie beyond it, and leads there. */
function More({ edge, count, onPress }: { edge: Edge; count: number; onPress: () => void }) {
  if (count === 0) return null
  const { icon: Icon, place, words } = MORE[edge]
  return (
    <button
      type="button"
      aria-label={`${count.toLocaleString('en')} more ${words}`}
      onClick={onPress}
      className={cn(
        'absolute z-10 flex h-6 items-center gap-1 rounded-full border border-line bg-raised px-2 text-xs font-medium text-muted tabular-nums shadow-card hover:border-line-strong hover:text-ink pointer-coarse:h-9',
        place,
      )}
    >
      <Icon aria-hidden className="size-3" />
      {count.toLocaleString('en')} more
    </button>
  )
}

/** Scrolls by most of what is in view, so that something known stays there. */
function scrollOn(frame: HTMLElement | null, edge: Edge) {
  if (!frame) return
  const [x, y] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[edge] as [number, number]
  frame.scrollBy({ left: x * frame.clientWidth * 0.7, top: y * frame.clientHeight * 0.7 })
}

/** Where the view begins in the graph. A graph that is smaller than its frame stands in the middle of it. */
const viewOf = (frame: HTMLElement, { width, height }: Layout, zoom: number) => ({
  left: (frame.scrollLeft - Math.max(0, (frame.clientWidth - width * zoom) / 2)) / zoom,
  top: (frame.scrollTop - Math.max(0, (frame.clientHeight - height * zoom) / 2)) / zoom,
})

/** The size at which the whole graph is in view, at most its own. */
const fitting = (frame: HTMLElement | null, { width, height }: Layout) =>
  frame ? Math.max(LEAST, Math.min(1, frame.clientWidth / width, frame.clientHeight / height)) : 1

function center(frame: HTMLElement | null, { nodes }: Layout, id: string, zoom: number) {
  const node = nodes.find((one) => one.id === id)
  if (frame && node) frame.scrollTo(node.x * zoom - frame.clientWidth / 2, node.y * zoom - frame.clientHeight / 2)
}
