'use client'

import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { Switch } from '@/app/_components/switch'
import type { Draft } from './draft'

interface Props {
  /** Null for a rule of the platform. */
  organizationId: string | null
  draft: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}

/** The quiet hours of an alert rule: the time of day in which no messages are sent. */
export function QuietCard({ organizationId, draft, problems, onChange }: Props) {
  const timeField = (field: 'from' | 'to', label: string, error?: string) => (
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
  const zone = organizationId === null ? 'in UTC' : 'in the organization’s time zone'
  return (
    <Card
      id="quiet"
      title="Quiet hours"
      actions={<Switch label="Quiet hours" on={draft.quiet} onChange={(quiet) => onChange({ quiet })} />}
    >
      <p className="text-sm text-muted">
        {draft.quiet
          ? `No messages are sent during these hours, every day, ${zone}. A problem that still lasts when they end is reported then.`
          : 'Messages are sent at any time.'}
      </p>
      {draft.quiet ? (
        <div className="mt-4 grid grid-cols-2 gap-4">
          {timeField('from', 'From', problems['quietHours.from'])}
          {/* A problem of the quiet hours as a whole is shown at their end. */}
          {timeField('to', 'Until', problems['quietHours.to'] ?? problems.quietHours)}
        </div>
      ) : null}
    </Card>
  )
}
