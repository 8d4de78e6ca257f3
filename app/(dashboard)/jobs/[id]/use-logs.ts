'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { useTRPCClient } from '@/app/_trpc/client'
import type { LogLine } from '@/app/_trpc/types'
import { mergeLines } from './log-lines'

/** How many lines one answer of the server holds. */
const PAGE = 500
/** How many lines are loaded at once. A button loads more, and while the job runs the next look does. */
const AUTO = 1000
/** While the job runs, the end of its log is read again at this interval. */
const TAIL_MS = 1500

interface Options {
  jobId: string
  level: LogLine['level'] | null
  attempt: number | null
  /** The job runs or is about to, so more lines may come. */
  live: boolean
  /**
   * The job's status and attempt. When they change, lines may have been written, even if the page never saw the job
   * running.
   */
  moment: string
}

/**
 * The log lines of a job, from the first on. While it runs, new lines are added. Log lines send no events, because a
 * handler may write hundreds per second. So the end of the log is read again at intervals.
 */
export function useLogs({ jobId, level, attempt, live, moment }: Options) {
  const client = useTRPCClient()
  const [lines, setLines] = useState<readonly LogLine[] | undefined>()
  const [error, setError] = useState<unknown>(null)
  const [more, setMore] = useState(false)
  // Where the next read begins: with the page after the last one, or once there is none, with the last page again,
  // which shows the lines that were added.
  const position = useRef<string | undefined>(undefined)
  // Rises when another job, level or attempt is asked for. An answer to an earlier question is then thrown away.
  const generation = useRef(0)
  const reading = useRef(false)

  const read = useCallback(
    async (limit: number) => {
      if (reading.current) return
      reading.current = true
      const mine = generation.current
      let budget = limit
      try {
        for (;;) {
          const page = await client.jobs.logs.query({
            jobId,
            limit: PAGE,
            ...(level ? { level } : {}),
            ...(attempt ? { attempt } : {}),
            ...(position.current ? { cursor: position.current } : {}),
          })
          if (mine !== generation.current) return
          setLines((known) => mergeLines(known ?? [], page.items))
          setError(null)
          budget -= page.items.length
          setMore(page.nextCursor !== null)
          if (!page.nextCursor) return
          position.current = page.nextCursor
          if (budget <= 0) return
        }
      } catch (cause) {
        if (mine === generation.current) setError(cause)
      } finally {
        if (mine === generation.current) reading.current = false
      }
    },
    [client, jobId, level, attempt],
  )

  useEffect(() => {
    generation.current++
    reading.current = false
    position.current = undefined
    // eslint-disable-next-line react-hooks/set-state-in-effect -- another question, another list
    setLines(undefined)
    void read(AUTO)
    return () => {
      // The rule warns about references to DOM nodes. This one holds a counter, and its latest value is wanted.
      // eslint-disable-next-line react-hooks/exhaustive-deps
      generation.current++
    }
  }, [read])

  const known = useRef(moment)
  useEffect(() => {
    const moved = known.current !== moment
    known.current = moment
    if (moved) void read(AUTO)
    if (live) {
      const timer = setInterval(() => {
        if (!document.hidden) void read(AUTO)
      }, TAIL_MS)
      return () => clearInterval(timer)
    }
    if (!moved) return
    // The last lines are written together with the outcome, so the end is read once more a little later.
    const late = setTimeout(() => void read(AUTO), TAIL_MS)
    return () => clearTimeout(late)
  }, [live, moment, read])

  return { lines, error, more, readMore: () => void read(AUTO), retry: () => void read(AUTO) }
}
