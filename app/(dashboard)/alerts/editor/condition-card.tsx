'use client'

import { Card } from '@/app/_components/card'
import { Choices } from '@/app/_components/choices'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { visible } from '@/server/engine/domain/visible'
import { KINDS, optionsWith, type Draft } from './draft'

interface Props {
  /** The organization of the rule. Null for a rule of the platform. */
  owner: string | null
  draft: Draft
  /** The draft with which the form began. What the rule has can be chosen again, also where it is gone. */
  initial: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}

/** What the rule looks for, with its bounds. */
export function ConditionCard({ owner, draft, initial, problems, onChange }: Props) {
  const types = useJobTypes(owner ?? undefined, true).data
  const pools = optionsWith(
    [draft.pool, initial.pool],
    types && [...new Set(types.map(({ pool }) => pool))].sort().map((pool) => ({ value: pool, label: pool })),
    'no job type here has it',
  )
  const jobTypes = optionsWith(
    [draft.jobType, initial.jobType],
    types?.map(({ name, displayName }) => ({ value: name, label: `${visible(displayName)} (${name})` })),
    'not among the job types here',
  )
  // `path` is the name of the field in the API, where problems are noted.
  const number = (field: 'percent' | 'minutes' | 'atLeast' | 'waitMinutes', label: string, path: string) => (
    <Field id={`rule-${field}`} label={label} error={problems[`condition.${path}`]}>
      <Input
        id={`rule-${field}`}
        inputMode="decimal"
        value={draft[field]}
        {...describedByNote(`rule-${field}`, false, problems[`condition.${path}`])}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
    </Field>
  )
  return (
    <Card id="when" title="When">
      <div className="grid gap-4">
        <Choices legend="Tell me when" value={draft.kind} onChange={(kind) => onChange({ kind })} options={KINDS} />
        {draft.kind === 'SCHEDULE_MISSED' ? null : (
          <div className="grid gap-4 sm:grid-cols-2">
            {draft.kind === 'NO_WORKER' ? (
              <Field id="rule-pool" label="Worker pool">
                <Select id="rule-pool" value={draft.pool} onChange={(event) => onChange({ pool: event.target.value })}>
                  <option value="">Every pool</option>
                  {pools.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
              </Field>
            ) : (
              <Field id="rule-type" label="Job type" error={problems['condition.jobType']}>
                <Select
                  id="rule-type"
                  value={draft.jobType}
                  {...describedByNote('rule-type', false, problems['condition.jobType'])}
                  onChange={(event) => onChange({ jobType: event.target.value })}
                >
                  <option value="">Every job type</option>
                  {jobTypes.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
            {draft.kind === 'FAILURE_RATE' ? (
              <>
                {number('percent', 'Failed attempts, over %', 'percent')}
                {number('minutes', 'Within (minutes)', 'minutes')}
                {number('atLeast', 'At least this many attempts', 'atLeast')}
              </>
            ) : null}
            {draft.kind === 'OLDEST_WAITING' ? number('waitMinutes', 'Longer than (minutes)', 'seconds') : null}
          </div>
        )}
      </div>
    </Card>
  )
}
