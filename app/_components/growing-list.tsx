'use client'

import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card } from './card'
import { EmptyState, ErrorState } from './page/states'
import { ShowMore, type GrowingPages } from './show-more'

interface Props {
  id: string
  title: string
  /** Names the list for those who do not see it, with its order. */
  label: string
  list: GrowingPages & {
    error: unknown
    data: unknown
    isPending: boolean
    refetch: () => unknown
  }
  empty: boolean
  icon: LucideIcon
  nothing: { title: string; text: string }
  actions?: ReactNode
  /** The entries, each an `li`. */
  children: ReactNode
}

/** A card with a list that grows by a button, such as the history of a rule or the runs of a schedule. */
export function GrowingList({ id, title, label, list, empty, icon, nothing, actions, children }: Props) {
  return (
    <Card id={id} title={title} actions={actions} padded={false}>
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
        <ul aria-label={label} className="divide-y divide-line">
          {children}
        </ul>
      )}
      <ShowMore list={list} />
    </Card>
  )
}
