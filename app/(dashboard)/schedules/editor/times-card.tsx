'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { RelativeTime } from '@/app/_components/relative-time'
import { zoneNote } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { sentenceOf } from '@/app/_components/forms/refusal-sentence'
import { messageOf } from '@/app/_trpc/refusal'
import { useSettled } from '../../job-types/editor/use-settled'
import { formatInZone } from '../schedule-words'
import { COMMON_TIMES, type Draft } from './draft'

interface Props {
  draft: Draft
  problems: Problems
  onChange: (change: Partial<Draft>) => void
}

/** Sets when a schedule runs. Shows the expression in words, and the next runs. */
export function TimesCard({ draft, problems, onChange }: Props) {
  return (
    <Card id="times" title="When">
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="grid content-start gap-2">
          <Field
            id="schedule-cron"
            label="Times"
            required
            hint="Minute, hour, day of month, month, day of week; six fields begin with seconds."
            error={problems.cron}
          >
            <Input
              id="schedule-cron"
              className="font-mono"
              value={draft.cron}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              {...describedByNote('schedule-cron', true, problems.cron)}
              onChange={(event) => onChange({ cron: event.target.value })}
            />
          </Field>
          <div role="group" aria-label="Common times" className="flex flex-wrap gap-1.5">
            {COMMON_TIMES.map(({ label, cron }) => (
              <Button key={cron} size="sm" onClick={() => onChange({ cron })}>
                {label}
              </Button>
            ))}
          </div>
          <ZoneField value={draft.timeZone} error={problems.timeZone} onChange={(timeZone) => onChange({ timeZone })} />
        </div>
        <Preview draft={draft} />
      </div>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <Time
          id="startAt"
          label="Not before"
          hint={`Empty: from now on. ${zoneNote()}`}
          draft={draft}
          problems={problems}
          onChange={onChange}
        />
        <Time
          id="endAt"
          label="Not after"
          hint="Empty: for ever."
          draft={draft}
          problems={problems}
          onChange={onChange}
        />
      </div>
    </Card>
  )
}

function Time({
  id,
  label,
  hint,
  draft,
  problems,
  onChange,
}: Props & { id: 'startAt' | 'endAt'; label: string; hint: string }) {
  return (
    <Field id={`schedule-${id}`} label={label} hint={hint} error={problems[id]}>
      <Input
        id={`schedule-${id}`}
        type="datetime-local"
        value={draft[id]}
        {...describedByNote(`schedule-${id}`, true, problems[id])}
        onChange={(event) => onChange({ [id]: event.target.value })}
      />
    </Field>
  )
}

/** The time zones of this browser, with UTC first. Some browsers list UTC and some do not. */
const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

function ZoneField({ value, error, onChange }: { value: string; error?: string; onChange: (zone: string) => void }) {
  const [all] = useState(zones)
  return (
    <Field id="schedule-zone" label="Time zone" required hint="Type part of a name, such as Berlin." error={error}>
      <Input
        id="schedule-zone"
        list="schedule-zones"
        value={value}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        {...describedByNote('schedule-zone', true, error)}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id="schedule-zones">
        {all.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </Field>
  )
}

/** How many runs the preview shows at most. */
const SHOWN = 5
/** The preview is asked for once what was typed has stayed the same for this long. */
const SETTLED_MS = 250

/** The text of a date and time field, in the form that the API takes. Null where it is empty or unreadable. */
function instantOf(text: string): string | null {
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** What the expression says in words, and the next runs. */
function Preview({ draft: { cron, timeZone, startAt, endAt, jitter } }: { draft: Draft }) {
  const trpc = useTRPC()
  const now = useNow(60_000)
  const asked = useSettled({ cron, timeZone, startAt: instantOf(startAt), endAt: instantOf(endAt) }, SETTLED_MS)
  const complete = asked.cron.trim() !== '' && asked.timeZone.trim() !== ''
  const preview = useQuery(
    trpc.schedules.preview.queryOptions(
      { ...asked, count: SHOWN },
      {
        enabled: complete,
        retry: false,
        // The runs of the former times stay while those of the new times are asked for. With an empty field nothing is
        // asked, and they would stay for good.
        placeholderData: complete ? keepPreviousData : undefined,
      },
    ),
  )
  return (
    <div className="min-h-44 rounded-md bg-sunken px-3 py-2.5 text-sm" aria-live="polite">
      {!complete ? (
        <p className="text-muted">Give an expression and a time zone.</p>
      ) : preview.error ? (
        <p className="text-danger wrap-anywhere">{sentenceOf(messageOf(preview.error))}</p>
      ) : preview.data ? (
        <>
          <p className="font-medium">{preview.data.inWords}</p>
          <p className="mt-2 text-xs text-muted">
            Next runs, by the clock of {asked.timeZone}
            {Number(jitter) > 0 ? `, each up to ${jitter.trim()} s later` : ''}
          </p>
          <ol className="mt-1 grid gap-1">
            {preview.data.times.map((at) => (
              <li key={at} className="flex flex-wrap justify-between gap-x-3 tabular-nums">
                <span>{formatInZone(at, asked.timeZone, now)}</span>
                <RelativeTime at={at} planned className="text-muted" />
              </li>
            ))}
          </ol>
          {preview.data.times.length < SHOWN ? (
            <p className="mt-1 text-muted">
              {preview.data.times.length > 0
                ? 'Then it is over: it ends before the next run.'
                : 'No more runs: it ends before the next one.'}
            </p>
          ) : null}
        </>
      ) : (
        <span className="skeleton block h-5 w-2/3" />
      )}
    </div>
  )
}
