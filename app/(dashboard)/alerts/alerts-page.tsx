'use client'

import { useQuery } from '@tanstack/react-query'
import { BellRing, LockKeyhole, Plus } from 'lucide-react'
import { parseAsString, useQueryStates } from 'nuqs'
import { LinkButton } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { AlertRow } from './alert-row'
import { mayManage, ownerOf } from './alert-words'

/** Alert rules send no events, so the list is read again at this interval. */
const READ_AGAIN_MS = 5_000

/** What admins want to be told: each rule with its state and its last message. */
export function AlertsPage() {
  const trpc = useTRPC()
  const scope = useScope()
  const { organizationId, ready, href, me } = scope
  const [{ cursor }, setParams] = useQueryStates({ cursor: parseAsString }, { history: 'push' })
  const allowed = mayManage(scope)
  const list = useQuery(
    trpc.alerts.list.queryOptions(
      { ...(organizationId ? { organizationId } : {}), limit: 50, ...(cursor ? { cursor } : {}) },
      { enabled: ready && allowed, placeholderData: keptWithin(organizationId), refetchInterval: READ_AGAIN_MS },
    ),
  )
  const pages = usePages(cursor, list, (next) => void setParams({ cursor: next }))
  const makes = allowed && ownerOf(scope) !== undefined
  const make = makes ? (
    <LinkButton variant="primary" href={href('/alerts/~new')}>
      <Plus aria-hidden /> New rule
    </LinkButton>
  ) : null
  if (me && ready && !allowed)
    return (
      <Page title="Alerts">
        <EmptyState
          icon={LockKeyhole}
          title="Alerts are managed by admins"
          text="They say who is told when something is not in order. Ask an admin of your organization for a rule."
        />
      </Page>
    )
  return (
    <Page
      title="Alerts"
      actions={make}
      error={list.data ? null : list.error}
      onRetry={() => void list.refetch()}
      skeleton={list.data ? null : <span className="skeleton block h-64 rounded-lg" aria-hidden />}
    >
      <Card padded={false}>
        {list.data?.items.length === 0 && cursor ? (
          <EmptyState
            compact
            icon={BellRing}
            title="No rules on this page"
            text="The rules that it had were deleted. Go back to newer ones."
          />
        ) : list.data?.items.length === 0 ? (
          <EmptyState
            compact
            icon={BellRing}
            title="Nobody is told yet"
            text="A rule tells you by webhook, Slack or mail when something needs a person: jobs that fail, work that waits too long, a circuit that opened."
          >
            {make}
          </EmptyState>
        ) : (
          <ul aria-label="Alert rules, newest first" className="divide-y divide-line">
            {list.data?.items.map((rule) => (
              <AlertRow key={rule.id} rule={rule} />
            ))}
          </ul>
        )}
      </Card>
      {pages.several ? <Pager pages={pages} /> : null}
    </Page>
  )
}
