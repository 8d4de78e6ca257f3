'use client'

import { Sparkles } from 'lucide-react'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { newSinceWords } from './group-words'

/** Marks a cause that first failed at this time. The server gives the time for 24 hours only. */
export function NewSince({ at }: { at: string }) {
  const now = useNow(60_000)
  return (
    <time
      dateTime={at}
      title={`First failed ${formatExact(Date.parse(at))}`}
      className="inline-flex shrink-0 items-center gap-1 rounded-full bg-warning-soft px-2 text-xs font-medium whitespace-nowrap text-warning tabular-nums"
    >
      <Sparkles aria-hidden className="size-3" /> {newSinceWords(Date.parse(at), now)}
    </time>
  )
}
