'use client'

import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { Switch } from '@/app/_components/switch'
import type { Draft } from './draft'

/** When nobody is to be told. */
export function QuietCard({
  owner,
  draft,
  problems,
  onChange,
}: {
  owner: string | null
  draft: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}) {
  const time = (field: 'from' | 'to', label: string, error?: string) => (
    <Field id={`rule-${field}`} label={label} error={error}>
      <Input
        id={`rule-${field}`}
        type="time"
        value={draft[field]}
        {...describedByNote(`rule-${field}`, false, error)}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
    </Field>
  )
  return (
    <Card
      id="quiet"
      title="Quiet hours"
      actions={<Switch label="Quiet hours" on={draft.quiet} onChange={(quiet) => onChange({ quiet })} />}
    >
      <p className="text-sm text-muted">
        {draft.quiet
          ? `No message is sent in them, each day, by ${owner === null ? 'UTC' : 'the time zone of the organization'}. What is still not in order when they end is told then.`
          : 'Messages are sent at any time.'}
      </p>
      {draft.quiet ? (
        <div className="mt-4 grid grid-cols-2 gap-4">
          {time('from', 'From')}
          {time('to', 'Until', problems.quietHours)}
        </div>
      ) : null}
    </Card>
  )
}
