'use client'

import { RotateCcw, Square, Trash2, X } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button, IconButton } from '@/app/_components/button'
import { whyNotBulk, type BulkKind } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import type { JobFilterInput } from '@/app/_trpc/types'
import { BULK_WORDS } from './bulk-words'
import type { Selection } from './use-selection'

const BulkDialog = dynamic(() => import('./bulk-dialog'), { ssr: false })
const ICONS = { cancel: Square, retry: RotateCcw, delete: Trash2 } as const

interface Props {
  selection: Selection
  /** The filter of the list, and how many jobs match it. */
  filter: JobFilterInput
  count: { count: number; capped: boolean } | undefined
  /** More jobs match than are ticked. */
  more: boolean
  onSelectAll: () => void
  onClear: () => void
  onStarted: (bulkId: string) => void
  onDone: (kind: BulkKind) => void
}

/** The actions for the ticked jobs. The bar stays visible wherever the list is scrolled to. */
export function SelectionBar({ selection, filter, count, more, onSelectAll, onClear, onStarted, onDone }: Props) {
  const { viewer } = useScope()
  const [asking, setAsking] = useState<BulkKind | null>(null)
  const { jobs, all } = selection
  const total = count ? formatCount(count.count, count.capped) : ''
  return (
    <div role="region" aria-label="Selected jobs" className="sticky bottom-3 z-30 mt-3 flex justify-center">
      <div className="enter flex max-w-full flex-wrap items-center gap-2 rounded-lg border border-line-strong bg-raised px-3 py-2 text-sm shadow-pop">
        <span aria-live="polite" className="font-medium tabular-nums">
          {all ? `All ${total} that match` : `${jobs.size} selected`}
        </span>
        {!all && more ? (
          <Button size="sm" variant="ghost" onClick={onSelectAll}>
            Select all {total} that match
          </Button>
        ) : null}
        {(['cancel', 'retry', 'delete'] as const).map((kind) => {
          const Icon = ICONS[kind]
          return (
            // A person who may not do it can ask an admin to do it. The dialog decides which it offers.
            <Button
              key={kind}
              size="sm"
              onClick={() => setAsking(kind)}
              unavailable={may(viewer, 'requests.create') ? null : whyNotBulk(kind, viewer)}
            >
              <Icon aria-hidden className="size-3.5!" /> {BULK_WORDS[kind].verb}
            </Button>
          )
        })}
        <IconButton label="Clear selection" onClick={onClear}>
          <X aria-hidden />
        </IconButton>
      </div>
      {asking ? (
        <BulkDialog
          kind={asking}
          selection={selection}
          filter={filter}
          onClose={() => setAsking(null)}
          onDone={(bulkId) => {
            setAsking(null)
            onClear()
            if (bulkId) onStarted(bulkId)
            onDone(asking)
          }}
        />
      ) : null}
    </div>
  )
}
