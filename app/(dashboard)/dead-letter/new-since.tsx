'use client'

import { Sparkles } from 'lucide-react'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { newSinceWords } from './group-words'

/** Marks a cause that was first seen within the last 24 hours. */
export function NewSince({ at }: { at: string }) {
  const now = useNow(60_000)
  return (
    <time
      dateTime={at}
      title={`First failed ${formatExact(Date.parse(at))}`}
      className="inline-flex shrink-0 items-center gap-1 rounded-full bg-warn-soft px-2 text-xs font-medium whitespace-nowrap text-warn tabular-nums"
    >
      <Sparkles aria-hidden className="size-3" /> {newSinceWords(Date.parse(at), now)}
    </time>
  )
}
