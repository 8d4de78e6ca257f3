'use client'

import { ArrowDown } from 'lucide-react'
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { CopyButton } from '@/app/_components/copy-button'
import { ErrorState } from '@/app/_components/page/states'
import { formatClock, formatBoth } from '@/app/_components/time'
import type { Job, LogLine } from '@/app/_trpc/types'
import { useLogs } from './use-logs'
import { VisibleText } from '@/app/_components/visible-text'

const LEVELS = ['INFO', 'WARN', 'ERROR'] as const
const LEVEL: Record<LogLine['level'], { label: string; tone: string }> = {
  INFO: { label: 'info', tone: 'text-faint' },
  WARN: { label: 'warn', tone: 'text-warn' },
  ERROR: { label: 'error', tone: 'text-dead' },
}
const SELECT = 'h-7 rounded border border-line bg-surface px-1.5 text-xs text-muted hover:text-ink pointer-coarse:h-9'

/** The lines that the handler wrote. The view follows the end until the reader scrolls up. */
export function LogView({
  job,
  attempts,
  onLines,
}: {
  job: Job
  attempts: number
  /** Receives the lines that are shown, for the timeline. */
  onLines: (lines: readonly LogLine[]) => void
}) {
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

  useEffect(() => onLines(lines ?? []), [lines, onLines])
  // As an effect event, because a new function must not read again.
  const readOn = useEffectEvent(() => readMore())
  useEffect(() => {
    // A reader who follows the end wants to see it, however many lines come before it.
    if (following && more) readOn()
  }, [following, more, lines])

  const filtered = level !== null || attempt !== null
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
      ) : lines.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-faint">
          {filtered
            ? 'No line fits this filter.'
            : live
              ? 'No lines yet. They appear here while the handler writes them.'
              : 'The handler wrote no lines.'}
        </p>
      ) : (
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
              setFollowing(scrollHeight - scrollTop - clientHeight < 24)
            }}
          >
            {lines.map((line) => (
              <div
                key={line.line}
                className={cn(
                  'grid grid-cols-[auto_auto_minmax(0,1fr)] gap-x-3 px-4 hover:bg-hover',
                  line.level === 'ERROR' && 'bg-danger-soft',
                )}
                style={
                  lines.length > 1000 ? { contentVisibility: 'auto', containIntrinsicSize: 'auto 20px' } : undefined
                }
              >
                <time dateTime={line.at} title={formatBoth(Date.parse(line.at))} className="text-faint">
                  {formatClock(Date.parse(line.at))}
                </time>
                <span className={cn('w-9', LEVEL[line.level].tone)}>{LEVEL[line.level].label}</span>
                <span className="wrap-anywhere whitespace-pre-wrap">
                  <VisibleText text={line.message} />
                </span>
              </div>
            ))}
            {more ? (
              <Button size="sm" variant="ghost" className="mx-4 mt-1 font-sans" onClick={readMore}>
                Load more lines
              </Button>
            ) : null}
          </div>
          {!following && live ? (
            <Button
              size="sm"
              variant="primary"
              className="enter absolute right-4 bottom-3 shadow-pop"
              onClick={() => setFollowing(true)}
            >
              <ArrowDown aria-hidden /> Follow
            </Button>
          ) : null}
        </div>
      )}
    </Card>
  )
}
