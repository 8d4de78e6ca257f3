'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { GrowingList } from '@/app/_components/growing-list'
import { RelativeTime } from '@/app/_components/relative-time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { ALERT_HISTORY_DAYS } from '@/server/engine/domain/alerts/bounds'

/** Alerts send no events, so the list is read again at this interval. */
const READ_AGAIN_MS = 5_000

/** What the rule found, newest first, and how long each lasted. */
export function FoundCard({ ruleId }: { ruleId: string }) {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.alerts.history.infiniteQueryOptions(
      { ruleId, limit: 20 },
      { getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: READ_AGAIN_MS },
    ),
  )
  const found = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <GrowingList
      id="found"
      title="History"
      label="What the rule found, newest first"
      list={list}
      empty={found.length === 0}
      icon={History}
      nothing={{ title: 'Nothing yet', text: `What this rule finds is kept here for ${ALERT_HISTORY_DAYS} days.` }}
    >
      {found.map((alert) => (
        <li key={alert.id} className="px-4 py-2.5 text-sm">
          <p className="wrap-anywhere">
            <VisibleText text={alert.text} />
          </p>
          <p className="text-xs text-muted">
            <RelativeTime at={alert.openedAt} />
            {alert.closedAt ? (
              <>
                {' · in order again '}
                <RelativeTime at={alert.closedAt} />
              </>
            ) : (
              <span className="text-danger"> · not in order yet</span>
            )}
            {alert.toldAt ? '' : ' · nobody was told'}
          </p>
        </li>
      ))}
    </GrowingList>
  )
}
