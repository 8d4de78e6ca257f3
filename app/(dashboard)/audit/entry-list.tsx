'use client'

import Link from '@/app/_components/link'
import { useRef } from 'react'
import { cn } from '@/app/_components/cn'
import { rowLink, useRowKeys } from '@/app/_components/data-table/keys'
import { formatExact, formatMinute } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { AuditEntry } from '@/app/_trpc/types'
import { byDay } from './days'

interface Props {
  entries: readonly AuditEntry[]
  /** Shows the organization of each entry. For pages with the entries of all organizations. */
  withOrganization: boolean
  stale: boolean
  pathOf: (entry: AuditEntry) => string
  onOpen: (entry: AuditEntry) => void
}

/** Shows who did what, by day. j and k move from entry to entry, and Enter opens one. */
export function EntryList({ entries, withOrganization, stale, pathOf, onOpen }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const now = useNow(60_000)
  useRowKeys(container, true)
  return (
    <div ref={container} aria-busy={stale} className={cn('grid gap-4 transition-opacity', stale && 'opacity-60')}>
      {byDay(entries, now).map((day) => (
        <section key={day.name} aria-label={day.name}>
          <h2 className="mb-1.5 text-xs font-semibold text-muted">{day.name}</h2>
          <ul className="-mx-4 divide-y divide-line border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
            {day.entries.map((entry) => (
              <li
                key={entry.id}
                className="relative flex gap-3 px-4 py-2 text-sm hover:bg-hover has-focus-visible:bg-accent-soft"
              >
                <time
                  dateTime={entry.at}
                  title={formatExact(Date.parse(entry.at))}
                  className="w-10 shrink-0 text-muted tabular-nums"
                >
                  {formatMinute(Date.parse(entry.at))}
                </time>
                <div className="min-w-0 flex-1 wrap-anywhere">
                  <Link
                    {...rowLink}
                    href={pathOf(entry)}
                    prefetch={false}
                    onClick={(event) => {
                      if (event.metaKey || event.ctrlKey || event.shiftKey) return
                      event.preventDefault()
                      onOpen(entry)
                    }}
                  >
                    <VisibleText text={entry.sentence} />
                  </Link>
                  {entry.reason ? (
                    <span className="text-muted">
                      : <VisibleText text={entry.reason} />
                    </span>
                  ) : null}
                </div>
                {withOrganization ? (
                  <span className="w-36 shrink-0 truncate text-right text-xs text-faint max-sm:hidden">
                    {entry.organizationId === null ? 'Platform' : <VisibleText text={entry.organizationName ?? ''} />}
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

/** Grey rows in the shape of the list, shown until the first answer arrives. */
export function EntrySkeleton() {
  return (
    <div aria-busy>
      <span className="skeleton mb-1.5 block h-4 w-16" />
      <div className="-mx-4 divide-y divide-line border-y border-line bg-surface md:mx-0 md:rounded-lg md:border-x md:shadow-card">
        {Array.from({ length: 12 }, (_, index) => (
          <div key={index} className="flex gap-3 px-4 py-2">
            <span className="skeleton my-0.5 block h-4 w-10" />
            <span className="skeleton my-0.5 block h-4 w-2/3" />
          </div>
        ))}
      </div>
    </div>
  )
}
