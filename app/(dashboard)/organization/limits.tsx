'use client'

import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from '@/app/_components/link'
import { useState, type ReactNode } from 'react'
import { AuditLink } from '@/app/_components/audit-link'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { may } from '@/app/_components/may'
import { ErrorState } from '@/app/_components/page/states'
import { ProgressBar } from '@/app/_components/progress-bar'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount, formatExact, formatPercent } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import type { LimitUsage, OrganizationSettings } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { LIMITS, type LimitKind } from './limit-kinds'
import { limitUse, peakMark, type Nearness } from './limit-use'
import { READ_AGAIN_MS } from './use-members'

const LimitDialog = dynamic(() => import('./limit-dialog'), { ssr: false })

/** The limits of an organization, and how much of them is used now. */
export function Limits({ organizationId }: { organizationId: string | undefined }) {
  const trpc = useTRPC()
  const { viewer, follows } = useScope()
  const [changing, setChanging] = useState<LimitKind | null>(null)
  const enabled = organizationId !== undefined
  const settings = useQuery(
    trpc.organizations.get.queryOptions(
      { organizationId: organizationId ?? '' },
      { enabled, refetchInterval: READ_AGAIN_MS },
    ),
  )
  const usage = useLiveQuery(
    trpc.organizations.usage.queryOptions({ organizationId: organizationId ?? '' }, { enabled }),
    { follows, everyMs: 2_000, besidesMs: 30_000 },
  )
  const mayChange = may(viewer, 'organizations.write')
  const mayAsk = may(viewer, 'requests.create')
  const failed = (!settings.data && settings.error) || (!usage.data && usage.error)
  if (failed)
    return (
      <ErrorState
        error={failed}
        onRetry={() => {
          void settings.refetch()
          void usage.refetch()
        }}
      />
    )
  return (
    <div className="grid gap-4">
      <div className="grid gap-4 md:grid-cols-2">
        {LIMITS.map((kind) => (
          <Limit
            key={kind.field}
            kind={kind}
            settings={settings.data}
            usage={usage.data?.[kind.field]}
            asks={!mayChange}
            onChange={mayChange || mayAsk ? () => setChanging(kind) : undefined}
          />
        ))}
      </div>
      {mayChange ? null : (
        <p className="text-sm text-muted">
          These limits are changed by system admins. Job types have limits of their own beside them.
        </p>
      )}
      {changing && settings.data ? (
        <LimitDialog
          kind={changing}
          settings={settings.data}
          used={usage.data ? usage.data[changing.field].used : null}
          asks={!mayChange}
          onClose={() => setChanging(null)}
        />
      ) : null}
    </div>
  )
}

function Limit({
  kind,
  settings,
  usage,
  asks,
  onChange,
}: {
  kind: LimitKind
  settings: OrganizationSettings | undefined
  usage: LimitUsage | undefined
  /** This person may not change the limit. `onChange` asks for another one, where they may do that. */
  asks: boolean
  onChange: (() => void) | undefined
}) {
  const { href } = useScope()
  const limit = settings?.[kind.field]
  const used = usage?.used
  const known = used !== undefined && limit !== undefined
  const use = known ? limitUse(used, limit) : null
  const peak = usage && limit !== undefined ? peakMark(usage.peak, limit) : null
  return (
    <Card
      id={kind.field}
      title={kind.title}
      actions={
        onChange && settings ? (
          <Button
            size="sm"
            aria-label={`${asks ? 'Ask for another' : 'Change the'} limit of ${kind.title.toLowerCase()}`}
            onClick={onChange}
          >
            {asks ? 'Ask for another…' : 'Change…'}
          </Button>
        ) : null
      }
    >
      <p className="h-8 text-xl font-semibold tracking-tight tabular-nums">
        {known ? (
          <>
            <Link
              href={href(`/jobs?status=${kind.statuses.join(',')}`)}
              data-count={used}
              className="rounded hover:underline"
            >
              {formatCount(used)}
              <span className="sr-only"> {kind.title.toLowerCase()}: list them</span>
            </Link>{' '}
            <span className="text-sm font-normal tracking-normal text-muted">
              {limit === null ? 'now, no limit' : `of ${formatCount(limit)}`}
            </span>
          </>
        ) : (
          <span className="skeleton mt-1 block h-5 w-40" />
        )}
      </p>
      <div className="relative mt-2 h-1.5">
        {use ? (
          <ProgressBar value={use.percent} label={`${kind.title}, use of the limit`} tone={TONE[use.nearness]} />
        ) : null}
        {peak === null ? null : (
          <span
            aria-hidden
            className="absolute -inset-y-1 w-0.5 rounded-full bg-muted"
            style={{ left: `calc(${peak}% - 1px)` }}
          />
        )}
      </div>
      <p className={cn('mt-2 min-h-5 text-sm', use && use.nearness !== 'free' ? TEXT[use.nearness] : 'text-muted')}>
        {known ? remark(kind, used, limit, use?.nearness) : <span className="skeleton block h-4 w-64 max-w-full" />}
      </p>
      <p className="mt-1 flex min-h-5 flex-wrap justify-between gap-x-4 text-sm text-muted tabular-nums">
        {usage ? (
          <span title={usage.peakAt ? `In the hour from ${formatExact(Date.parse(usage.peakAt))}` : 'At this moment'}>
            Peak of 7 days: {formatCount(usage.peak)}
            {limit ? ` (${formatPercent(usage.peak / limit)})` : ''}
          </span>
        ) : (
          <span className="skeleton block h-4 w-40" />
        )}
        {settings ? (
          <AuditLink kind="organization" object={settings.id} action="organization.update" field={kind.field} />
        ) : null}
      </p>
    </Card>
  )
}

const TONE: Record<Nearness, string> = { free: 'bg-running', near: 'bg-bar-warning', full: 'bg-danger' }
const TEXT: Record<Nearness, string> = { free: 'text-muted', near: 'text-warning', full: 'text-danger' }

function remark(kind: LimitKind, used: number, limit: number | null, nearness: Nearness | undefined): ReactNode {
  if (limit === null || nearness === undefined || nearness === 'free') return kind.what
  if (limit === 0) return kind.none
  if (nearness === 'full') return `${used > limit ? 'Above the limit' : 'Full'}. ${kind.full}`
  return `Nearly full: ${formatCount(limit - used)} left. ${kind.what}`
}
