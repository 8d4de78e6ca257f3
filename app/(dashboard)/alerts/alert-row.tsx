'use client'

import { Pencil, Send, Trash2 } from 'lucide-react'
import Link from '@/app/_components/link'
import { Button, LinkButton } from '@/app/_components/button'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { Switch } from '@/app/_components/switch'
import { VisibleText } from '@/app/_components/visible-text'
import type { AlertRule } from '@/app/_trpc/types'
import { DELIVERY, ownerName, STATE, targetWords } from './alert-words'
import { DeleteRule } from './delete-rule'
import { useAlertActs } from './use-alert-acts'

/** One rule of the list: what it looks for, whether that is so, whom it tells, and what can be done with it. */
export function AlertRow({ rule }: { rule: AlertRule }) {
  const { href, me, organizationId } = useScope()
  const acts = useAlertActs(rule)
  const owner = ownerName(rule, me)
  return (
    <li className="grid gap-x-4 gap-y-2 px-4 py-3 text-sm md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)_minmax(0,2fr)_auto] md:items-center">
      <div className="min-w-0">
        <Link href={href(`/alerts/${rule.id}`)} className="rounded font-medium wrap-anywhere hover:underline">
          <VisibleText text={rule.name} />
        </Link>
        <p className="text-xs text-muted wrap-anywhere">
          {rule.inWords}
          {organizationId || owner === '' ? null : (
            <>
              {' · '}
              <VisibleText text={owner} />
            </>
          )}
        </p>
      </div>
      <RuleState rule={rule} />
      <div className="min-w-0">
        <p className="truncate text-xs text-muted">
          <VisibleText text={rule.targets.map(targetWords).join(' · ')} />
        </p>
        <LastMessage rule={rule} />
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        <Switch
          label={`${rule.name} is switched on`}
          on={rule.enabled}
          busy={acts.switching}
          onChange={acts.setEnabled}
        />
        <Button size="sm" onClick={acts.test} busy={acts.testing} aria-label={`Test ${rule.name}`}>
          <Send aria-hidden /> Test
        </Button>
        <LinkButton size="sm" href={href(`/alerts/${rule.id}/edit`)} aria-label={`Change ${rule.name}`} title="Change">
          <Pencil aria-hidden />
        </LinkButton>
        <DeleteRule rule={rule}>
          <Trash2 aria-hidden />
        </DeleteRule>
      </div>
    </li>
  )
}

/** Whether something is not in order, what, and since when. */
function RuleState({ rule }: { rule: AlertRule }) {
  const { label, soft } = STATE[rule.state]
  const [first] = rule.firing
  return (
    <div className="min-w-0">
      <StatePill state={rule.state} label={label} soft={soft} />
      {first ? (
        <p className="mt-1 truncate text-xs text-muted">
          <VisibleText text={first.label} />
          {rule.firingCount > 1 ? ` and ${rule.firingCount - 1} more` : ''}, since <RelativeTime at={first.openedAt} />
        </p>
      ) : null}
    </div>
  )
}

function LastMessage({ rule: { lastDelivery } }: { rule: AlertRule }) {
  if (!lastDelivery) return <p className="text-xs text-faint">No message yet</p>
  const { state, kind, createdAt, error } = lastDelivery
  return (
    <p className={state === 'FAILED' ? 'truncate text-xs text-danger' : 'truncate text-xs'} title={error ?? undefined}>
      {kind === 'TEST' ? 'Test' : 'Message'} {DELIVERY[state].label.toLowerCase()}, <RelativeTime at={createdAt} />
    </p>
  )
}
