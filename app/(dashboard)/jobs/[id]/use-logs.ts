'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { useTRPCClient } from '@/app/_trpc/client'
import type { LogLine } from '@/app/_trpc/types'
import { mergeLines } from './log-lines'

const PAGE = 500
/** Loaded by itself before the reader is asked whether to go on. */
const AUTO = 1000
const TAIL_MS = 1500

interface Options {
  jobId: string
  level: LogLine['level'] | null
  attempt: number | null
  /** The job is running, so more may come. */
  live: boolean
  /** Its status and attempt: where they change, lines were written, even if it was never seen running. */
  moment: string
}

/**
 * A job's lines from the first on, and the newest while it runs. Lines make no events (a handler may
 * write hundreds a second), so here, and only here, the end is read again at intervals.
 */
export function useLogs({ jobId, level, attempt, live, moment }: Options) {
  const client = useTRPCClient()
  const [lines, setLines] = useState<readonly LogLine[] | undefined>()
  const [error, setError] = useState<unknown>(null)
  const [more, setMore] = useState(false)
  // Where the last page that was read begins: read again, it shows what was added.
  const position = useRef<string | undefined>(undefined)
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
      // Not a node: the counter itself is meant, as it is then.
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
    // Once more at the end: the last lines are written with the outcome.
    const late = setTimeout(() => void read(AUTO), TAIL_MS)
    return () => clearTimeout(late)
  }, [live, moment, read])

  return { lines, error, more, readMore: () => void read(AUTO), retry: () => void read(AUTO) }
}
