'use client'

import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { EmptyState, ErrorState } from '@/app/_components/page/states'

interface Props {
  id: string
  title: string
  list: {
    error: unknown
    data: unknown
    isPending: boolean
    hasNextPage: boolean
    isFetchingNextPage: boolean
    fetchNextPage: () => unknown
    refetch: () => unknown
  }
  empty: boolean
  icon: LucideIcon
  nothing: { title: string; text: string }
  children: ReactNode
}

/** A card with a list that grows by a button. */
export function HistoryCard({ id, title, list, empty, icon, nothing, children }: Props) {
  return (
    <Card id={id} title={title} padded={false}>
      {list.error && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} compact />
      ) : list.isPending ? (
        <div className="grid gap-2 p-4" aria-hidden>
          {Array.from({ length: 4 }, (_, n) => (
            <span key={n} className="skeleton block h-6" />
          ))}
        </div>
      ) : empty ? (
        <EmptyState compact icon={icon} {...nothing} />
      ) : (
        children
      )}
      {list.hasNextPage ? (
        <div className="border-t border-line px-4 py-2">
          <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </Card>
  )
}
