'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef, useTransition } from 'react'
import { Alert } from './alert'

/** Milliseconds from one look at the server to the next. */
const LOOK_MS = 3_000

/**
 * Stands on a page that could not be read because the database does not answer. Reads the page again as soon as the
 * server says that it does. What was typed into a form stays.
 */
export function Away() {
  const router = useRouter()
  const [isReading, startReading] = useTransition()
  const busy = useRef(false)
  useEffect(() => {
    busy.current = isReading
  }, [isReading])
  useEffect(() => {
    const timer = setInterval(() => {
      // Asked first, because a page that cannot be fetched at all would become an error page of the browser.
      fetch('/api/health/ready', { cache: 'no-store', signal: AbortSignal.timeout(LOOK_MS) }).then(
        ({ ok }) => ok && !busy.current && startReading(() => router.refresh()),
        () => undefined,
      )
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [router])
  return <Alert id="away" text="The database does not answer at the moment. This page is read again when it does." />
}
