'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { GrowingList } from '@/app/_components/growing-list'
import { RelativeTime } from '@/app/_components/relative-time'
import { StatePill } from '@/app/_components/state-pill'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { DELIVERY } from '../alert-words'

/** Messages send no events. They are read again this often, so that whoever sends a test sees it arrive. */
const READ_AGAIN_MS = 2_000

/** The messages of a rule, newest first, with what became of each. */
export function MessagesCard({ ruleId }: { ruleId: string }) {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.alerts.deliveries.infiniteQueryOptions(
      { ruleId, limit: 20 },
      { getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: READ_AGAIN_MS },
    ),
  )
  const messages = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <GrowingList
      id="messages"
      title="Messages"
      label="Messages, newest first"
      list={list}
      empty={messages.length === 0}
      icon={Send}
      nothing={{ title: 'No message yet', text: 'Send a test to see whether messages arrive.' }}
    >
      {messages.map(({ id, title, target, state, createdAt, error, attempts }) => (
        <li key={id} className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
          <div className="min-w-0 flex-1 basis-60">
            <p className="wrap-anywhere">
              <VisibleText text={title} />
            </p>
            <p className="text-xs text-muted wrap-anywhere">
              <VisibleText text={target} /> · <RelativeTime at={createdAt} />
              {attempts > 1 ? ` · ${attempts} attempts` : ''}
            </p>
            {error ? (
              <p
                className={
                  state === 'FAILED' ? 'text-xs text-danger wrap-anywhere' : 'text-xs text-muted wrap-anywhere'
                }
              >
                <VisibleText text={error} />
              </p>
            ) : null}
          </div>
          <StatePill state={state} {...DELIVERY[state]} />
        </li>
      ))}
    </GrowingList>
  )
}
