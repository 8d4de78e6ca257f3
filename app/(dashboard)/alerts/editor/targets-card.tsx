'use client'

import { Plus, X } from 'lucide-react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { MAX_TARGETS } from '@/server/engine/domain/alerts/bounds'
import type { Draft, TargetDraft } from './draft'

const HINTS: Record<TargetDraft['type'], string> = {
  mail: 'Up to ten addresses, separated by commas.',
  slack: 'The address of an incoming webhook of Slack.',
  webhook: 'Gets a signed POST with JSON. An address inside the network must be allowed first (HTTP_REQUEST_ALLOW).',
}

/** Whom the rule tells. */
export function TargetsCard({
  draft: { targets },
  problems,
  onChange,
}: {
  draft: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}) {
  const put = (at: number, target: TargetDraft) =>
    onChange({ targets: targets.map((one, n) => (n === at ? target : one)) })
  return (
    <Card id="whom" title="Whom to tell">
      <div className="grid gap-4">
        {targets.map((target, n) => {
          const error = problems[`targets.${n}`]
          const id = `rule-target-${n}`
          return (
            <div
              key={n}
              role="group"
              aria-label={`Target ${n + 1}`}
              className={cn(
                'grid gap-x-2 gap-y-3',
                targets.length > 1
                  ? 'grid-cols-[minmax(0,1fr)_auto] sm:grid-cols-[8.5rem_minmax(0,1fr)_auto]'
                  : 'sm:grid-cols-[8.5rem_minmax(0,1fr)]',
              )}
            >
              <Field
                id={`${id}-type`}
                label="Sent by"
                className={targets.length > 1 ? 'col-span-2 sm:col-span-1' : undefined}
              >
                <Select
                  id={`${id}-type`}
                  value={target.type}
                  onChange={(event) => put(n, { ...target, type: event.target.value as TargetDraft['type'] })}
                >
                  <option value="mail">Mail</option>
                  <option value="slack">Slack</option>
                  <option value="webhook">Webhook</option>
                </Select>
              </Field>
              <Field
                id={id}
                label={target.type === 'mail' ? 'Email addresses' : 'Address'}
                required
                hint={HINTS[target.type]}
                error={error}
              >
                <Input
                  id={id}
                  value={target.value}
                  autoComplete="off"
                  spellCheck={false}
                  placeholder={target.type === 'mail' ? 'oncall@example.com' : 'https://'}
                  {...describedByNote(id, true, error)}
                  onChange={(event) => put(n, { ...target, value: event.target.value })}
                />
              </Field>
              {targets.length > 1 ? (
                <Button
                  className="mt-6.5"
                  aria-label={`Remove target ${n + 1}`}
                  title="Remove"
                  onClick={() => onChange({ targets: targets.filter((_, other) => other !== n) })}
                >
                  <X aria-hidden />
                </Button>
              ) : null}
            </div>
          )
        })}
        {targets.length < MAX_TARGETS ? (
          <div>
            <Button size="sm" onClick={() => onChange({ targets: [...targets, { type: 'webhook', value: '' }] })}>
              <Plus aria-hidden /> Another target
            </Button>
          </div>
        ) : null}
      </div>
    </Card>
  )
}
