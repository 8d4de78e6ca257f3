'use client'

import { ArrowDown } from 'lucide-react'
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { CopyButton } from '@/app/_components/copy-button'
import { ErrorState } from '@/app/_components/page/states'
import { isFinal } from '@/app/_components/job-status'
import { formatClock, formatBoth } from '@/app/_components/time'
import type { Job, LogLine } from '@/app/_trpc/types'
import { useLogs } from './use-logs'
import { VisibleText } from '@/app/_components/visible-text'

const LEVELS = ['INFO', 'WARN', 'ERROR'] as const
const LEVEL: Record<LogLine['level'], { label: string; tone: string }> = {
  INFO: { label: 'info', tone: 'text-faint' },
  WARN: { label: 'warn', tone: 'text-warning' },
  ERROR: { label: 'error', tone: 'text-danger' },
}
const SELECT = 'h-7 rounded border border-line bg-surface px-1.5 text-xs text-muted hover:text-ink pointer-coarse:h-9'

/** A line is 20 px high. The reader counts as being at the end while less than this many pixels are below. */
const AT_THE_END_PX = 24
/** With more lines than this, the browser draws only those in sight. */
const MANY = 1_000

/**
 * The lines that the handler wrote. Of a job that runs or is about to, the view follows the end until the reader scrolls
 * up. Other logs are read from their top.
 */
export function LogView({ job, attempts }: { job: Job; attempts: number }) {
  const [level, setLevel] = useState<LogLine['level'] | null>(null)
  const [attempt, setAttempt] = useState<number | null>(null)
  const live = job.status === 'RUNNING' || job.status === 'QUEUED'
  const { lines, error, more, readMore, retry } = useLogs({
    jobId: job.id,
    level,
    attempt,
    live,
    moment: `${job.status} ${job.attempt}`,
  })
  const following = useFollowing({ lines, more, onMore: readMore, live })
  return (
    <Card
      id="logs"
      title="Logs"
      note={
        lines && lines.length > 0
          ? `${lines.length.toLocaleString('en')}${more ? '+' : ''} ${lines.length === 1 ? 'line' : 'lines'}`
          : undefined
      }
      padded={false}
      actions={
        <>
          <select
            aria-label="Level"
            className={SELECT}
            value={level ?? ''}
            onChange={(event) => setLevel(LEVELS.find((one) => one === event.target.value) ?? null)}
          >
            <option value="">All levels</option>
            {LEVELS.map((one) => (
              <option key={one} value={one}>
                {one[0] + one.slice(1).toLowerCase()}
              </option>
            ))}
          </select>
          {attempts > 1 || attempt !== null ? (
            <select
              aria-label="Attempt"
              className={SELECT}
              value={attempt ?? ''}
              onChange={(event) => setAttempt(event.target.value ? Number(event.target.value) : null)}
            >
              <option value="">All attempts</option>
              {Array.from({ length: job.attempt }, (_, i) => (
                <option key={i} value={i + 1}>
                  Attempt {i + 1}
                </option>
              ))}
            </select>
          ) : null}
          {lines && lines.length > 0 ? (
            <CopyButton
              label="Copy logs"
              text={() => lines.map((line) => `${line.at} ${line.level} #${line.attempt} ${line.message}`).join('\n')}
            />
          ) : null}
        </>
      }
    >
      {error && !lines ? (
        <ErrorState compact error={error} onRetry={retry} />
      ) : !lines ? (
        <div className="grid gap-2 p-4">
          <span className="skeleton block h-3.5 w-3/5" />
          <span className="skeleton block h-3.5 w-2/5" />
        </div>
      ) : (
        <LogLines
          lines={lines}
          more={more}
          onMore={readMore}
          live={live}
          following={following}
          none={level !== null || attempt !== null ? 'No line fits this filter.' : noLines(job, live)}
        />
      )}
    </Card>
  )
}

/** Why there are no lines, as a sentence. */
function noLines({ attempt, status }: Job, live: boolean): string {
  if (live) return 'No lines yet. They appear here while the handler writes them.'
  if (attempt > 0) return 'The handler wrote no lines.'
  return isFinal(status)
    ? 'It never ran, so there are no lines.'
    : 'It has not started. Lines appear here while its handler writes them.'
}

interface Lines {
  lines: readonly LogLine[]
  /** There are more lines than were read. */
  more: boolean
  onMore: () => void
  /** The handler may write more lines. */
  live: boolean
  following: ReturnType<typeof useFollowing>
  /** The sentence that stands in place of the lines where there is none. */
  none: string
}

function LogLines({ lines, more, onMore, live, following: { box, isOn, setOn }, none }: Lines) {
  if (lines.length === 0) return <p className="px-4 py-6 text-center text-sm text-faint">{none}</p>
  return (
    <div className="relative">
      <div
        ref={box}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        tabIndex={0}
        className="max-h-112 overflow-y-auto overscroll-contain py-2 font-mono text-xs/5"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
          setOn(scrollHeight - scrollTop - clientHeight < AT_THE_END_PX)
        }}
      >
        {lines.map((line) => (
          <Line key={line.line} line={line} oneOfMany={lines.length > MANY} />
        ))}
        {more ? (
          <Button size="sm" variant="ghost" className="mx-4 mt-1 font-sans" onClick={onMore}>
            Load more lines
          </Button>
        ) : null}
      </div>
      {!isOn && live ? (
        <Button
          size="sm"
          variant="primary"
          className="enter absolute right-4 bottom-3 shadow-pop"
          onClick={() => setOn(true)}
        >
          <ArrowDown aria-hidden /> Follow
        </Button>
      ) : null}
    </div>
  )
}

/** Keeps the end of the lines in sight while somebody follows it. `box` is the element that scrolls. */
function useFollowing({
  lines,
  more,
  onMore,
  live,
}: Pick<Lines, 'more' | 'onMore' | 'live'> & { lines: readonly LogLine[] | undefined }) {
  const box = useRef<HTMLDivElement>(null)
  const [following, setFollowing] = useState(live)
  const wasLive = useRef(live)
  useEffect(() => {
    // The view follows a job that starts while the page is open. The log of a job that ended before is read from its
    // top.
    if (live && !wasLive.current) setFollowing(true)
    wasLive.current = live
  }, [live])
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines, following])

  // As an effect event, because `onMore` is another function at each render, and that is no reason to read again.
  const readOn = useEffectEvent(() => onMore())
  useEffect(() => {
    // A reader who follows the end wants to see it, however many lines come before it.
    if (following && more) readOn()
  }, [following, more, lines])
  return { box, isOn: following, setOn: setFollowing }
}

function Line({ line: { at, level, message }, oneOfMany }: { line: LogLine; oneOfMany: boolean }) {
  const time = Date.parse(at)
  return (
    <div
      className={cn(
        'grid grid-cols-[auto_auto_minmax(0,1fr)] gap-x-3 px-4 hover:bg-hover',
        level === 'ERROR' && 'bg-danger-soft',
      )}
      // Where there are many lines, the browser draws only those in sight.
      style={oneOfMany ? { contentVisibility: 'auto', containIntrinsicSize: 'auto 20px' } : undefined}
    >
      <time dateTime={at} title={formatBoth(time)} className="text-faint">
        {formatClock(time)}
      </time>
      <span className={cn('w-9', LEVEL[level].tone)}>{LEVEL[level].label}</span>
      <span className="wrap-anywhere whitespace-pre-wrap">
        <VisibleText text={message} />
      </span>
    </div>
  )
}
