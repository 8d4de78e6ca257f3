'use client'

import { Card } from '@/app/_components/card'
import { Choices } from '@/app/_components/choices'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { PRIORITIES, PRIORITY_LABEL } from '@/app/_components/job-status'
import type { Draft } from './draft'

/** What happens when something goes another way than planned. */
export function RulesCard({
  draft,
  problems,
  onChange,
}: {
  draft: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}) {
  return (
    <Card id="rules" title="Rules">
      <div className="grid gap-4">
        <Choices
          legend="When runs were missed"
          value={draft.missed}
          onChange={(missed) => onChange({ missed })}
          options={[
            {
              value: 'one',
              label: 'Run once',
              note: 'One run stands for all that were missed, for instance while nothing ran or the organization was paused.',
            },
            { value: 'all', label: 'Make up for the last …', note: 'Each of them is submitted, oldest first.' },
            { value: 'skip', label: 'Leave them out', note: 'The next run is the next planned one.' },
          ]}
        />
        {draft.missed === 'all' ? (
          <Field id="schedule-most" label="How many at most" error={problems.missed} className="max-w-40">
            <Input
              id="schedule-most"
              inputMode="numeric"
              value={draft.maxMissedRuns}
              {...describedByNote('schedule-most', false, problems.missed)}
              onChange={(event) => onChange({ maxMissedRuns: event.target.value })}
            />
          </Field>
        ) : null}
        <Choices
          legend="When the former run is not finished"
          value={draft.overlap}
          onChange={(overlap) => onChange({ overlap })}
          options={[
            { value: 'allow', label: 'Run both', note: 'They run side by side.' },
            { value: 'skip', label: 'Leave the new one out', note: 'The history says so.' },
            { value: 'cancel', label: 'Cancel the former one', note: 'Then the new one is submitted.' },
          ]}
        />
        {draft.missed === 'all' && draft.overlap !== 'allow' ? (
          <p className="text-sm text-muted">
            {draft.overlap === 'skip'
              ? 'The runs that are made up for come right after each other. Those that come while the one before is not finished are left out.'
              : 'The runs that are made up for come right after each other. Each cancels the one before, if that is not finished.'}
          </p>
        ) : null}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            id="schedule-jitter"
            label="Spread, s"
            hint="Each run is submitted up to this many seconds later, but before the next one comes, so that not all begin in the same second."
            error={problems.jitterSeconds}
          >
            <Input
              id="schedule-jitter"
              inputMode="numeric"
              value={draft.jitter}
              {...describedByNote('schedule-jitter', true, problems.jitterSeconds)}
              onChange={(event) => onChange({ jitter: event.target.value })}
            />
          </Field>
          <Field id="schedule-priority" label="Priority">
            <Select
              id="schedule-priority"
              value={draft.priority}
              onChange={(event) => onChange({ priority: event.target.value as Draft['priority'] })}
            >
              <option value="">That of the job type</option>
              {PRIORITIES.map((priority) => (
                <option key={priority} value={priority}>
                  {PRIORITY_LABEL[priority]}
                </option>
              ))}
            </Select>
          </Field>
        </div>
      </div>
    </Card>
  )
}
