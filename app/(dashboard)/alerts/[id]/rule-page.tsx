'use client'

import { useQuery } from '@tanstack/react-query'
import { Pencil, Send, Trash2 } from 'lucide-react'
import Link from '@/app/_components/link'
import { useRouter } from 'next/navigation'
import { Button, LinkButton } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { CopyLine } from '@/app/_components/copy-line'
import { Fact } from '@/app/_components/fact'
import { isNotFound, NotFoundPage } from '@/app/_components/page/not-found-page'
import { Page } from '@/app/_components/page/page'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { Switch } from '@/app/_components/switch'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { AlertRule } from '@/app/_trpc/types'
import { ownerName, STATE, targetWords } from '../alert-words'
import { DeleteRule } from '../delete-rule'
import { useAlertActs } from '../use-alert-acts'
import { FoundCard } from './found-card'
import { MessagesCard } from './messages-card'

/** Alert rules send no events, so the rule is read again at this interval. */
const READ_AGAIN_MS = 5_000

/** One rule: what it looks for and whom it tells, what is not in order now, what it found, and what it sent. */
export function RulePage({ ruleId }: { ruleId: string }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.alerts.get.queryOptions({ ruleId }, { refetchInterval: READ_AGAIN_MS }))
  const rule = query.data
  if (isNotFound(query.error))
    return (
      <NotFoundPage
        what="Alert rule"
        text="It was deleted, never existed, or belongs to an organization you are not a member of."
        list={{ path: '/alerts', label: 'To the alerts' }}
      />
    )
  return (
    <Page
      back={{ path: '/alerts', label: 'Alerts' }}
      title={rule ? <VisibleText text={rule.name} /> : 'Alert rule'}
      tab={rule?.name}
      actions={rule ? <Acts rule={rule} /> : null}
      error={rule ? null : query.error}
      onRetry={() => void query.refetch()}
      skeleton={rule ? null : <span className="skeleton block h-96 rounded-lg" aria-hidden />}
    >
      {rule ? (
        <div className="grid items-start gap-4 xl:grid-cols-2">
          <div className="grid min-w-0 gap-4">
            <Facts rule={rule} />
            <MessagesCard ruleId={rule.id} />
          </div>
          <div className="grid min-w-0 gap-4">
            {rule.firingCount > 0 ? <FiringCard rule={rule} /> : null}
            <FoundCard ruleId={rule.id} />
          </div>
        </div>
      ) : null}
    </Page>
  )
}

function Acts({ rule }: { rule: AlertRule }) {
  const router = useRouter()
  const { href } = useScope()
  const acts = useAlertActs(rule)
  return (
    <>
      <Switch
        label={`${rule.name} is switched on`}
        on={rule.enabled}
        busy={acts.switching}
        onChange={acts.setEnabled}
      />
      <Button size="sm" onClick={acts.test} busy={acts.testing}>
        <Send aria-hidden /> Send a test
      </Button>
      <LinkButton size="sm" href={href(`/alerts/${rule.id}/edit`)}>
        <Pencil aria-hidden /> Change
      </LinkButton>
      <DeleteRule rule={rule} onDone={() => router.push(href('/alerts'))}>
        <Trash2 aria-hidden /> Delete
      </DeleteRule>
    </>
  )
}

function Facts({ rule }: { rule: AlertRule }) {
  const { me } = useScope()
  const { label, soft } = STATE[rule.state]
  const signs = rule.targets.some(({ type }) => type === 'webhook')
  return (
    <Card id="rule" title="Rule" actions={<StatePill state={rule.state} label={label} soft={soft} />}>
      <dl className="grid gap-2 text-sm">
        <Fact label="Looks for">{rule.inWords}</Fact>
        <Fact label="Belongs to">
          <VisibleText text={ownerName(rule, me) || 'One organization'} />
        </Fact>
        <Fact label="Tells">
          <ul>
            {rule.targets.map((target) => (
              <li key={targetWords(target)} className="wrap-anywhere">
                <VisibleText text={targetWords(target)} />
              </li>
            ))}
          </ul>
        </Fact>
        <Fact label="Quiet hours">
          {rule.quietHours
            ? `${rule.quietHours.from} to ${rule.quietHours.to}, ${rule.organizationId === null ? 'UTC' : 'by the organization’s time zone'}`
            : 'None'}
        </Fact>
      </dl>
      {signs ? (
        <details className="mt-4 text-sm">
          <summary className="cursor-pointer rounded text-muted hover:text-ink">
            How a receiver knows its webhooks
          </summary>
          <p className="mt-2 mb-3 text-muted">
            Each carries the header Jobyard-Signature: t=seconds,v1=hex. The hex is the HMAC-SHA256, with this secret,
            of three lines: the seconds, the header Jobyard-Alert and the body.
          </p>
          <CopyLine name="Signing secret" text={rule.signingSecret} />
        </details>
      ) : null}
    </Card>
  )
}

function FiringCard({ rule }: { rule: AlertRule }) {
  const { href } = useScope()
  return (
    <Card id="firing" title="Not in order now" note={rule.firingCount} padded={false}>
      <ul className="divide-y divide-line">
        {rule.firing.map((one) => (
          <li key={one.id} className="px-4 py-2.5 text-sm">
            <p className="wrap-anywhere">
              <VisibleText text={one.text} />
            </p>
            <p className="text-xs text-muted">
              Since <RelativeTime at={one.openedAt} />
              {one.path ? (
                <>
                  {' · '}
                  {/* A path to a list names its organization already. `href` would replace it by that of the page. */}
                  <Link
                    href={one.path.includes('org=') ? one.path : href(one.path)}
                    className="rounded text-accent underline"
                  >
                    Open
                  </Link>
                </>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
