'use client'

import { cn } from '@/app/_components/cn'
import { waitingWords } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useNow } from '@/app/_components/use-now'
import { visible } from '@/server/engine/domain/visible'
import type { WaitingCode } from '@/server/engine/domain/waiting-codes'
import { reasonLabel, reasonTone } from './words'

export interface Waiting {
  code: WaitingCode
  message: string
  until: string | null
}

/** `reasonTone` says what the tones mean. */
const TONE = { held: 'text-warning', waits: 'text-muted', moves: 'text-faint' } as const

/**
 * Why a job waits, for a cell of a table: a few words, and how long it still waits. The whole sentence is a tooltip and
 * is read by screen readers.
 */
export function WaitingReason({ waiting, className }: { waiting: Waiting; className?: string }) {
  const message = visible(waitingWords(waiting, useNow(60_000)))
  return (
    <span title={message} className={cn('inline-flex min-w-0 items-baseline gap-1 text-xs', className)}>
      <span className={cn('truncate', TONE[reasonTone(waiting.code)])}>{reasonLabel(waiting.code)}</span>
      {waiting.until ? <RelativeTime at={waiting.until} planned className="shrink-0 text-faint" /> : null}
      <span className="sr-only">{message}</span>
    </span>
  )
}
